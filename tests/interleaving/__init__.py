"""The real services on a real database, their steps interleaved and broken by a seed.

clock     virtual time, with what happens in Light later
light     the sandbox behind the real client, without sockets: faults, late commits, a log
actors    workers and people as threads of which one runs at a time; points where they may die
house     documents and lines in Light and in the copy, and what people do
others    what other users of Light do meanwhile
schedule  one seed: who goes next, what breaks, and at last a calm time
checker   what is wrong afterwards, told by Light's side and the approvals
bugs      planted bugs, each of which the schedules must catch
"""
