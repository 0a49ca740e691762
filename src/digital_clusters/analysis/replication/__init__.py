"""Printed columns of a study beside what their recipes find."""
