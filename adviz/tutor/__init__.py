"""The tutor: exercises, which are traces with blanks, and what is to be said of the answers.

In an order in which they can be read:

- ``cells.py`` says what an exercise is made of: cells, with the rule that is right and those that
  are wrong. ``rules.py`` makes rules of rules, ``uses.py`` those of one use of a row by another.
- ``kinds.py`` lists what can be asked for, and each kind makes its cells: ``columns.py`` the passes
  of a trace of numbers, ``arrays.py`` those of arrays with the rules of ``linear_maps.py``;
  ``order.py``, ``operations.py``, ``partials.py`` and ``jacobians.py``, of arrays
  ``array_contributions.py`` and ``array_jacobian.py``; ``counts.py``, ``reached.py`` and
  ``steps.py``. ``points.py`` says where formulas are compared, ``words.py``
  gives the sentences their words, ``entry_names.py`` entries their names, ``hints.py`` the hints.
  ``alike.py`` leaves out wrong rules that are the same by another name.
- ``blanks.py`` chooses the cells that are asked for, ``entries.py`` reads answers, ``diagnosis.py``
  finds out which rule was misapplied, ``sentences.py`` says it in words, and ``feedback.py`` holds
  what is said of all answers.
- ``exercise.py`` puts an exercise together; ``document.py`` writes what a page plays,
  ``worksheet.py`` what is read where no script runs, and ``card_page.py`` a page with one card.
- ``inputs.py`` finds inputs at which mistakes can be told apart; ``generated_functions.py`` makes
  functions and ``generator.py`` exercises of them.
"""
