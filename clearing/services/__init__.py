"""What is done, each a module of verbs; `ls` shows them in the order of the alphabet.

The straight line:

mirroring   Light's books into the copy, in slices that any worker goes on with
drafting    an unfinished clearing page: what was typed, who else is at work, what is suggested
fitting     whether a choice of links fits the copy, each "no" with its sentence
proposing   a choice that fits becomes a proposal, with one instruction per link
judging     whether lines still fit the copy, and what their approver sees beside them
reviewing   a second person approves or rejects; a line that no longer fits falls
sending     each approved instruction once to Light; what got no clear answer is settled by reading

For many vendors at once:

grouping    the open documents of each vendor, entity and currency, as the engine reads them
planning    suggestions for many vendors; what a person keeps of them becomes a batch of proposals

Beside it, onto the line at reviewing:

changing    asks to remove or change a link, or to cancel a credit note
correcting  asks to post a draft, to undo a clearing, or to move it to another invoice

Before it, while a credit note is a draft:

editing     changes a draft and its lines, or makes one from an invoice: one call, in the request

For the lists of what does not look right:

suspecting  possible duplicates, invoices that may be credit notes, what Light cleared by itself
duplicates  the pairs without an answer, and a person's answer
declining   a suggestion that somebody rejected, and one that is wanted again
acknowledging  somebody has seen what no line of ours stands for

For credit that can't be used yet:

diagnosing  the best suggestion of every open credit note, or the cause why there is none
following_up  what people decide about it, until nothing is left

For the end of the month:

booking     the movements of each credit note, by accounting date, with the sums of each month

For who looks at it later:

sealing     each event of the audit trail gets a digest over itself and all before it

For what Light's documents leave open:

learning    answers seen in our lines or said by a person, what follows from them, and trials
"""
