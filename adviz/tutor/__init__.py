"""The tutor: exercises, which are traces with blanks, and what is to be said of the answers.

In an order in which they can be read:

- ``cells.py`` says what an exercise is made of: cells, with the rule that is right and those that
  are wrong. ``columns.py`` makes them of the passes of a trace, ``words.py`` what the sentences
  about mistakes need. ``alike.py`` leaves out wrong rules that are the same by another name.
- ``entries.py`` reads answers, ``diagnosis.py`` finds out which rule was misapplied,
  ``sentences.py`` says it in words, and ``feedback.py`` holds what is said of all answers.
- ``inputs.py`` finds inputs at which mistakes can be told apart; ``generated_functions.py`` makes
  functions and ``generator.py`` exercises of them.
"""
