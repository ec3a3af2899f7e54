"""MIOpen, which this build lacks; the setting is kept and does nothing."""

immediate = False
