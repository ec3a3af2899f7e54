"""What ``import torch`` finds in a process that a program running on Ember has started: Ember again."""

import sys

from ember._drop_in import drop_in

del sys.modules[__name__]
drop_in()
