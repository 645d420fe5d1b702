"""What is typed on the pages of recipients. Forms read; the verbs decide."""
