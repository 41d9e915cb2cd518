"""The straight line: mirroring, proposing, reviewing, sending. `ls` shows it in order but one."""
