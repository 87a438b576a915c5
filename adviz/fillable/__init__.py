"""Arrays that a function makes for itself, ``out = np.zeros(n)``, take traced numbers.

NumPy asks nobody before it writes into an array of its own. So while a function is recorded that
assigns traced numbers into such arrays, NumPy's creation functions return a
:class:`~adviz.fillable.arrays.Fillable` in their place. Everything works without this room, but
such functions are refused.

:mod:`~adviz.fillable.contents` says what was assigned where, :mod:`~adviz.fillable.arrays` is the
array, :mod:`~adviz.fillable.creation` puts it in NumPy's place, and :mod:`~adviz.fillable.plug`
finds out which functions need it.
"""
