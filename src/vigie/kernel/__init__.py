"""What is as true in a tax case: tables, stages, runs, custody, the sandbox's door. It knows no strand by name."""
