"""What is done, each a module of verbs; `ls` shows them in the order of the alphabet.

The straight line:

mirroring   Light's books into the copy, in slices that any worker goes on with
drafting    an unfinished clearing page: what was typed, who else is at work, what is suggested
fitting     whether a choice of links fits the copy, each "no" with its sentence
proposing   a choice that fits becomes a proposal, with one instruction per link
reviewing   a second person approves or rejects; a line that no longer fits falls
sending     each approved instruction once to Light; what got no clear answer is settled by reading

Beside it, onto the line at reviewing:

changing    asks to remove or change a link, or to cancel a credit note
"""
