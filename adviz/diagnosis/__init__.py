"""Where gradients go wrong: everything about one gradient that a person should know.

In reading order: :mod:`~adviz.diagnosis.finding`, what is found; :mod:`~adviz.diagnosis.scan`, the
values and adjoints of a trace, computed once; then what looks at them, a subject each:
:mod:`~adviz.diagnosis.repeatability`, :mod:`~adviz.diagnosis.values`,
:mod:`~adviz.diagnosis.slopes`, :mod:`~adviz.diagnosis.decisions`, :mod:`~adviz.diagnosis.zeros`,
:mod:`~adviz.diagnosis.chains`, :mod:`~adviz.diagnosis.digits`; and
:mod:`~adviz.diagnosis.report`, which puts it together.
"""
