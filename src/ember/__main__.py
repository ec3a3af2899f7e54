"""``python -m ember script.py``: runs a PyTorch script on Ember."""

from ember._drop_in import main

if __name__ == "__main__":
    main()
