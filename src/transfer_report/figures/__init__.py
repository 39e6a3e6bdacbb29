"""Figures: functions of records. Values in, drawing out; the stage saves."""
