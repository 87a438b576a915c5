"""A trace as a Python function: ad.compile, and code for replays and sweeps.

A trace is simplified (:mod:`~adviz.code.simplified_trace`), written line by line
(:mod:`~adviz.code.program_source`) and defined as a function (:mod:`~adviz.code.program`).
"""
