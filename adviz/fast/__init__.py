"""What makes ad.grad fast without being asked; everything works without this room, but slower.

:mod:`~adviz.fast.plans` says which rows the next trace of a function will probably have,
:mod:`~adviz.fast.plan_following` checks that without computing them, and
:mod:`~adviz.fast.repeated_sweeps` runs code for the rows and the sweep.
"""
