"""Do the printed numbers of a paper agree with each other? Arithmetic on rounded numbers; no data are needed.

:mod:`intervals` and :mod:`rounding` say which values a printed number stands for, :mod:`printed` what a table
prints, :mod:`findings` how a comparison is graded. The checks stand by kind of number: :mod:`significance`,
:mod:`fit_statistics`, :mod:`transformations`, :mod:`effects`, :mod:`panels`, :mod:`samples`, :mod:`moments`,
:mod:`whole_numbers`, :mod:`correlations`. :mod:`register` names them all, :mod:`form` is the file in which a
table is typed, :mod:`paper` audits it.
"""
