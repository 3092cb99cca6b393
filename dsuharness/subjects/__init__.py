"""Systems under test, a file each; `subject.load` finds them by name."""
