"""A home on S3: takes its address and settings, gives what is kept there, through a folder of this machine."""
