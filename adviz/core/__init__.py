"""The AD core: what automatic differentiation is, in one sitting.

Read it in this order. The first four stops are the whole of it:

1. :mod:`~adviz.core.elementals`: the table of elementary operations beside their local partials.
2. :mod:`~adviz.core.tape`: the columns of a trace while they are being written.
3. :mod:`~adviz.core.variable`: the number that records on a tape what is done to it.
4. :mod:`~adviz.core.sweeps`: the forward sweep and the return sweep over a tape.

The rest lets people use and watch it:

5. :mod:`~adviz.core.recording`: calling a function on such numbers, which gives its trace.
6. :mod:`~adviz.core.derivatives`: jvp, vjp, grad and value_and_grad.
7. :mod:`~adviz.core.trace`, with its :mod:`~adviz.core.rows` and the :mod:`~adviz.core.steps` of
   its sweeps.
8. :mod:`~adviz.core.plugs`: what the core asks of the other rooms. It works without them, with
   functions of single numbers.

Beside them stand :mod:`~adviz.core.inputs`, which says what may be differentiated,
:mod:`~adviz.core.definitions`, with which users add operations, and :mod:`~adviz.core.arrays`, the
little that the core knows of arrays.
"""
