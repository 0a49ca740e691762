"""The scorecard as a reader sees it: sentences, tables, the figure of the landing page. Knows no paper."""
