"""What was done, what it cost, and which jobs are out at providers: kept across every end."""
