### The audit report as a page. `$n` chooses the form, `$n-text` is the number as it is written.

## Head

kicker = Independent audit of an election record
unknown-election = An election whose name cannot be read
verdict-passed = The result is right
verdict-passed-means = Every ballot on the public board was followed from the voter's signature to the published result. Nobody added, removed or changed a vote on the way, and the count is right. None of this rests on trust in those who ran the election. Who was on the roll, and whose ballot was cancelled, is their signed decision, which no record can check.
verdict-passed-count = { $all ->
    [one] The one check ran and passed.
   *[other] All { $all-text } checks ran and passed.
  }
verdict-failed = Something is wrong
verdict-failed-means = This record does not prove its result. What is wrong, and who is responsible for it, stands below. Keep the record as it is: it is evidence.
verdict-other-means = This is the record of another election than the one that was asked for. Compare the election id that was given with the one that the commission published, and see where the record is from.
verdict-failed-count = { $failed ->
    [one] One of { $all-text } checks failed.
   *[other] { $failed-text } of { $all-text } checks failed.
  }
verdict-incomplete = Not everything could be checked
verdict-incomplete-means = Nothing wrong was found so far, but this record is not complete, or the election is still under way. No result is proven.
verdict-incomplete-count = { $open ->
    [one] One of { $all-text } checks could not be completed.
   *[other] { $open-text } of { $all-text } checks could not be completed.
  }
verdict-part-means = Only a part was checked, as was asked for. Nothing wrong was found in it so far. No result is proven.
verdict-part-count = { $open ->
    [one] One of { $all-text } checks was not done in full.
   *[other] { $open-text } of { $all-text } checks were not done in full.
  }
asked-for = Asked for
election-id = Election id
compare-id = Compare it with the id that the election commission published. Without that, this may be the record of another election.
id-was-given = It is the id that was asked for.
id-is-another = It is NOT the id that was asked for: this is the record of another election.
phase = Stage
phase-set-up = being prepared
phase-voting = voting is under way
phase-counting = being counted
phase-finished = finished
phase-aborted = aborted
phase-until = as far as the entries could be followed
voters = Voters on the roll
board = Public board
board-entries = { $n ->
    [one] one entry; their fingerprint (root):
   *[other] { $n-text } entries; their fingerprint (root):
  }
time = Time that the audit took
seconds = s

## Problems

problems = What is wrong
not-done = What could not be checked
not-asked = What was not asked for
culprit = Responsible
problem = Problem
must-hold = What must hold:
fails-means = What this means:
check = Check
and-more = { $n ->
    [one] and one more
   *[other] and { $n-text } more
  }
in-english = The problems below are in the program's own words, in English.

## Who is named

culprit-fault = Found at fault:
culprit-commission = the election commission ({ $name })
culprit-the-commission = the election commission
culprit-registrar = the registrar ({ $name })
culprit-collector = the collector ({ $name })
culprit-trustee = trustee { $n-text } ({ $name })
culprit-trustees = the trustees
culprit-mix-server = mix server { $n-text } ({ $name })
culprit-voter = voter { $name }
culprit-contest = contest "{ $name }"
culprit-record = the record
culprit-program = this program
culprit-file = the file { $name }
culprit-with = { $who }, { $of }
culprit-and = { $one } and { $other }
culprit-or = { $one } or { $other }
culprit-and-either = { $one }, and either { $other }
culprit-not-in-manifest = not in the manifest
culprit-contest-number = contest { $n-text }
culprit-doubt = { $sentence }; or whoever made this copy, whose entries are not shown to be those that the collector signed
culprit-no-key = { $collector }, which put { $entry } on the board: there is no key of { $who }
culprit-unsigned = { $collector }, which put { $entry } on the board: { $who } did not sign it for this election
culprit-put = { $collector }, which put { $entry } on the board
culprit-signed-itself = { $collector }, which signed { $entry } itself: { $who } did not sign it for this election
culprit-forged = { $other }, whose signature { $entry } bears, and { $collector }, which took it: { $who } did not sign it for this election
culprit-repeated = { $collector }, which repeated { $first } as { $entry }: { $who } signed it once
culprit-no-time = { $collector }, which took { $entry } when no ballot may be taken
culprit-voter-before = { $collector }, which left out, repeated or moved what concerns this voter before { $entry }; or { $collector } and { $who }, which signed it like that: the record does not tell which
culprit-entries-before = { $collector }, which changed the entries before { $entry }; or { $collector } and { $who }, which signed it like that: the record does not tell which
culprit-mix-before = { $collector }, which left out the mix before { $entry }; or { $collector } and { $who }, which signed it like that: the record does not tell which
culprit-moved = { $collector }, which moved { $entry } or left out what must stand before it; or { $collector } and { $who }, which signed it like that: the record does not tell which
culprit-either = { $collector }, which took { $entry }, and with it either { $who }, which signed it like that, or { $other }: the record does not tell which
culprit-signed = { $who }, which signed { $entry }, and { $collector }, which took it
culprit-longer = { $who }, which signed for a longer file, and { $collector }, which took it
culprit-signed-for = { $who }, which signed for { $file }, and { $collector }, which took it
culprit-took = { $entry }, and { $collector }, which took it
culprit-copied-entries = { $collector }; or whoever made this copy of the entries
culprit-copied-cosignatures = { $collector }; or whoever made this copy and left cosignatures out
culprit-or-copier = { $collector }; or whoever made this copy ({ $file })
culprit-copier-first = whoever made this copy ({ $entry }); or the collector, which put it there
culprit-put-first = the collector, which put another entry first; or whoever made this copy ({ $entry })
culprit-manifest = the election commission, if it signed for this manifest; or the collector, or whoever made this copy ({ $file })
culprit-copier-or = whoever made this copy ({ $file }); or { $sentence }
culprit-copier = whoever made this copy ({ $file })
culprit-handed-out = whoever handed out this record, or that id
culprit-program-in = this program ({ $who })
culprit-entry-another-list = { $entry }, a mix of another list than the board has
culprit-entry-later-place = { $entry }, a mix in a later place than its own
culprit-entry-withheld = { $entry } of a contest that may not be decrypted
culprit-entry-not-last = { $entry } of another list than the last mix's
culprit-entry-unfit = { $entry }, which does not fit what stands before it
culprit-other-mix-before = { $who }, which signed another mix before it
culprit-other-closing = { $who }, which signed a closing of other ballots
culprit-other-left-out = { $who }, whose mix was left out and had changed nothing
culprit-other-mix = { $who }, which signed another mix
culprit-other-roll = { $who } or a trustee, whose roll or message was another
culprit-other-trustee = another trustee, whose message was another
culprit-entries-of = mixes or decryptions of { $who }
culprit-entry = entry { $n-text }
culprit-entry-in = entry { $n-text }, in { $file }
culprit-entry-kind = entry { $n-text } ({ $kind })
culprit-entry-of = entry { $n-text } ({ $kind }) of { $who }
kind-manifest = manifest
kind-ceremony-commitments = ceremony commitments
kind-ceremony-shares = ceremony shares
kind-ceremony-confirmation = ceremony confirmation
kind-ceremony-complaint = ceremony complaint
kind-roll = roll
kind-opening = opening
kind-ballot = ballot
kind-cancellation = cancellation
kind-closing = closing
kind-mix = mix
kind-partial-decryption = partial decryption
kind-result = result

## What is missing

missing-never = { $what }, and never will be: the key ceremony failed
missing-not-there = what it needs is not in the record
missing-see = what it needs is not there or did not pass: see { $checks }
missing-not-asked = not done: it was not asked for
missing-not-asked-for = not done for { $contests }: not asked for
missing-listing = the record cannot be listed: { $error }
missing-no-file = there is no file at all: is this the folder of an election record?
missing-first-entries = the first entries, tile/entries/000, are missing
missing-after = entries after entry { $n-text }, which is not in order
missing-unread = entries that cannot be read may name further files
missing-too-many = too many files are missing to tell
missing-roll = the roll is not on the board
missing-opened = voting has not been opened
missing-closed = voting has not been closed
missing-closed-further = voting has not been closed: further ballots may come
missing-opening-key = the opening, which names the key that ballots are encrypted under
missing-proofs = not every ballot's proofs hold, so what is to be counted is not known
missing-no-ciphertext = { $contest }: a counted ballot is no ciphertext at all, and no mix of it can be checked ({ $checks } names it)
missing-trustees = { $contest }: { $found-text } trustees decrypted, { $needed-text } are needed
missing-mixed-list = { $contest }: the fully mixed list
missing-combined = { $contest }: the combined decryptions
missing-decryption = the right decryption of { $who }
missing-files = { $who }: its files cannot be used
missing-result = the published result
missing-result-trustees = the published result, which names the trustees whose decryptions are combined
missing-finished-set-up = the election is not finished: it is in the set-up phase
missing-finished-voting = the election is not finished: it is in the voting phase
missing-finished-counting = the election is not finished: it is in the counting phase
missing-finished-aborted = the election is not finished: it is in the aborted phase
missing-votes-one = the votes of 1 contest ({ $checks })
missing-votes = the votes of { $n-text } contests ({ $checks })
missing-numbers = right numbers of ballots ({ $checks })
missing-cosignatures = { $standing }; the election is not finished, and they may still come
missing-standing = { $found-text } of { $n-text } witnesses have cosigned it, { $needed-text } must
missing-standing-and = { $one }; { $other }
missing-standing-cosigned = cosigned: { $names }
missing-standing-not = not cosigned: { $names }
missing-standing-false = a cosignature that does not hold: { $names }
missing-answer-ballots = an answer that is none of ballots
missing-answer-mixes = an answer that is none of mixes
missing-answer-decryptions = an answer that is none of decryptions
missing-lost-answer = the proofs were not checked: a worker gave an answer that is none to its task; audit again
missing-lost-worker = the proofs were not checked: the worker ended: { $reason }; audit again
missing-file-of = { $file }, the { $kind } of { $who }: { $error }
missing-file = { $file }: { $error }
missing-in-contest = { $contest }: { $who }
missing-error-missing = the file is missing
missing-error-too-long = the file is longer than { $n-text } bytes, the most that it may have
missing-error-not-plain = this is not a plain file
missing-error-read = the file cannot be read: { $reason }

## Result

result = Result
no-result = There is no proven result to show.
result-proven = Computed anew from the decrypted votes; it equals the published result.
list = List
candidate = Candidate
votes = Votes
share = Share of valid votes
without-list = Candidates without a list
votes-when-elected = Votes when elected
first-preferences = First preferences
seats = Seats
below-threshold = below the threshold
independent = independent
elected = Elected
nobody-elected = Nobody is elected.
where-stood = Contest
won-by = Won by
by-votes = most votes
by-round = count of rankings, in round { $n-text }
by-list = seat of the list
by-personal = personal mandate
by-district = district mandate of the list
by-compensation = compensation mandate of the list
ties = { $n ->
    [one] One tie decided something. It was resolved by the rule that the manifest fixed before the vote.
   *[other] { $n-text } ties decided something. They were resolved by the rule that the manifest fixed before the vote.
  }
ties-which = The ties
tie-seat = who takes the last seats
tie-elimination = who is eliminated in round { $n-text }
tie-election = who is elected first in round { $n-text }
tie-list = which list has a seat
tie-equal = Equal:
tie-by = Decided by:
tie-chosen = It fell on:
tie-candidate-order = the order of candidates in the manifest
tie-lot = the order of lots in the manifest
tie-earlier-round = the votes in round { $n-text }
tie-list-order = the order of lists in the manifest
vacant = { $n ->
    [one] One seat stays vacant.
   *[other] { $n-text } seats stay vacant.
  }
withheld = Withheld: there are too few ballots to decrypt them without showing who voted how.
undecided = Not decided: the rule has no answer for these votes, which stand as they are.
votes-in = Votes by contest
ballots-in = { $n ->
    [one] one ballot
   *[other] { $n-text } ballots
  }
blank-in = { $n ->
    [one] one of them blank
   *[other] { $n-text } of them blank
  }

## The way of the ballots

flow = The way of the ballots
flow-means = Every number follows from the one above it. The auditor counted each anew.
flow-none = The record does not go far enough to show it.
flow-cast = Cast
flow-superseded = Replaced by a later ballot of the same voter
flow-cancelled = Cancelled, each by a signed public entry
flow-counted = Counted ballots
flow-votes = Votes in all contests
flow-votes-means = A ballot holds a vote for each of its contests.
flow-withheld = Not decrypted: too few in their contest
flow-mix = Mixed by { $name }
flow-mix-means = Same votes, another order, not recognisable any more.
flow-decrypted = Decrypted by the trustees together
flow-mix-lost = Mix by { $name }
flow-decrypted-lost = Decryption by the trustees
flow-undecodable = Without a valid choice
flow-blank = Blank
flow-valid = For candidates
flow-proven = proven
flow-not-proven = not proven
flow-wrong = wrong
flow-contests = The same for each contest
flow-in-counted = Counted
flow-in-mixed = Proven mixes
flow-in-decryptions = Proven decryptions
flow-in-votes = Votes

## Who signed

signers = Who signed what
signers-means = Each signature was checked against the key in the election's manifest, those of voters against the roll.
role = Role
name = Name
signed = Signed
role-commission = Election commission
role-registrar = Registrar
role-collector = Collector (keeps the board)
role-voters = Voters
role-mix_server = Mix server
role-trustee = Trustee
role-witness = Witness
signed-manifest = the manifest
signed-opening = the opening
signed-cancellations = { $n ->
    [one] one cancellation
   *[other] { $n-text } cancellations
  }
signed-closing = the closing
signed-result = the result
signed-roll = the roll
signed-ballots = { $n ->
    [one] one ballot
   *[other] { $n-text } ballots
  }
signed-checkpoint = the fingerprint of the board
signed-mixes = { $n ->
    [one] one mix
   *[other] { $n-text } mixes
  }
signed-ceremony = { $n ->
    [one] one message of the key ceremony
   *[other] { $n-text } messages of the key ceremony
  }
signed-decryptions = { $n ->
    [one] one decryption
   *[other] { $n-text } decryptions
  }
signed-cosignature = the fingerprint of the board, as seen by it

## Checks

checks = All checks
checks-of = { $n ->
    [one] one check
   *[other] { $n-text } checks
  }
status-passed = passed
status-failed = failed
status-not_run = not done
status-skipped = not asked for
on-trust = On trust, as it was not asked for:
looked-at = { $n-text } of { $of-text } { $what }
what-entries = entries
what-bundles = bundles of entries
what-ballots = ballots
what-checkpoint = signed fingerprint
what-commitments = commitments
what-confirmations = confirmations
what-contests = contests
what-cosignatures = cosignatures of different witnesses
what-decryptions = decryptions
what-files = files
what-tiles = hash tiles
what-id = id
what-key = key
what-manifest = manifest
what-mixes = mixes
what-result = result
what-root = fingerprint
what-shares = share messages
what-roll = roll
what-opening = opening
what-closing = closing
missing = Missing
group-FILE = The files
group-ELECTION = The election
group-BOARD = The public board
group-ENTRY = Every entry of the board
group-CEREMONY = How the key was made
group-VOTERS = Who may vote
group-PERIOD = When voting was open
group-CAST = The ballots
group-MIX = Mixing
group-DECRYPT = Decryption
group-OUTCOME = The result
check-FILE-1 = The record consists of plain files
check-FILE-1-means = Nothing in the folder points elsewhere or hides.
check-FILE-1-fails = Something in this copy can lead elsewhere. It says nothing against the result; get a clean copy.
check-FILE-2 = No file is missing
check-FILE-2-means = Everything that the board speaks of is there.
check-FILE-2-fails = This copy is not whole, so no result can be proven from it; get another one.
check-FILE-3 = No file is there that does not belong
check-FILE-3-means = Nobody can slip in something unsigned beside the record.
check-FILE-3-fails = Something stands beside the record that nobody signed. It says nothing against the result, and must not be taken for part of it.
check-FILE-4 = Every file holds what its name says
check-FILE-4-means = Each file's fingerprint was computed and equals its name, so no file was exchanged.
check-FILE-4-fails = A file is not the one that was signed for, so what rests on it is not proven; compare with another copy.
check-ELECTION-1 = The board starts with a valid manifest
check-ELECTION-1-means = The rules of the election were fixed and signed by the commission before anything else.
check-ELECTION-1-fails = Without valid rules nothing in this record can be checked, and no result is proven.
check-ELECTION-2 = This is the election that was asked for
check-ELECTION-2-means = The record is not that of some other election.
check-ELECTION-2-fails = This record says nothing about the election that was asked for.
check-BOARD-1 = The checkpoint is signed by the collector
check-BOARD-1-means = The collector stands with its signature for exactly this board.
check-BOARD-1-fails = Nobody answers for this board, so nothing in the record is certain to be the public one.
check-BOARD-2 = All entries are there and can be read
check-BOARD-2-means = The board is as long as was signed.
check-BOARD-2-fails = Entries cannot be read, so what they say may be missing from the result.
check-BOARD-3 = The entries lead to the checkpoint's root
check-BOARD-3-means = The fingerprint of all entries was computed anew and is the signed one: nothing was changed, added or removed afterwards.
check-BOARD-3-fails = The entries are not those that were signed for: ballots or anything else may have been changed, added or removed.
check-BOARD-4 = Every hash tile is that of the entries
check-BOARD-4-means = What voters' receipts are checked against belongs to the same entries.
check-BOARD-4-fails = Receipts that are checked against these files may be answered wrongly; the entries themselves are not touched by it.
check-BOARD-5 = Enough witnesses cosigned the checkpoint
check-BOARD-5-means = Independent witnesses saw the same board, so nobody was shown another one.
check-BOARD-5-fails = Too few independent witnesses saw this board, so others may have been shown another one.
check-ENTRY-1 = Every entry is well formed
check-ENTRY-1-means = Each entry can be read in one way only.
check-ENTRY-1-fails = An entry cannot be read, so nothing after it is certain to count as it should.
check-ENTRY-2 = Every entry is signed by whoever must sign it
check-ENTRY-2-means = Nobody acted in somebody else's name.
check-ENTRY-2-fails = Somebody acted in another's name. What the entry says, a ballot or a count, does not hold.
check-ENTRY-3 = Every entry may stand where it stands
check-ENTRY-3-means = Everything happened in the right order, and nothing twice.
check-ENTRY-3-fails = The order was broken: something came too early, too late or twice, and the result may rest on it.
check-CEREMONY-1 = Every trustee proved to know its part of the key
check-CEREMONY-1-means = No trustee could choose its part so that it alone holds the key.
check-CEREMONY-1-fails = The trustee may hold more of the key than its part: the secrecy of the votes is not certain.
check-CEREMONY-2 = Every trustee dealt its shares and confirmed the others'
check-CEREMONY-2-means = All trustees agreed on one key before voting began.
check-CEREMONY-2-fails = The trustees did not agree on one key: the secrecy of the votes, and that they can be decrypted, is not certain.
check-CEREMONY-3 = The joint key is the sum of the trustees' parts
check-CEREMONY-3-means = Votes were encrypted with a key that no single party can open.
check-CEREMONY-3-fails = Votes were encrypted with another key than the trustees': somebody may read them alone.
check-VOTERS-1 = The roll is in order and fits the manifest
check-VOTERS-1-means = Every voter is on the roll once, with a key of their own.
check-VOTERS-1-fails = It is not certain who might vote: voters may be missing, or be there twice.
check-PERIOD-1 = Voting was opened with this roll and key, at an allowed time
check-PERIOD-1-means = The roll and the key were fixed before the first vote.
check-PERIOD-1-fails = Ballots may have been cast by another roll or key than the one that was fixed, or at a time that was not allowed.
check-PERIOD-2 = Voting was closed on exactly these entries, at an allowed time
check-PERIOD-2-means = The commission signed where voting ended; no ballot came in later.
check-PERIOD-2-fails = Ballots may have been added or left out after voting had ended.
check-CAST-1 = Every ballot holds valid choices, made by its voter
check-CAST-1-means = Each encrypted ballot proves that it holds a choice that exists, without showing which.
check-CAST-1-fails = A ballot may hold more than one vote, or none that exists, and so change the result.
check-CAST-2 = Every ballot is of a voter on the roll, in the voter's style, after the voter's last
check-CAST-2-means = Only those who may vote did, on the ballot that is theirs, and no old ballot was brought back.
check-CAST-2-fails = A ballot came from somebody who might not vote so, or is an old one: it may have changed the result.
check-CAST-3 = Counted, superseded and cancelled ballots add up to those cast
check-CAST-3-means = Every voter has at most one counted ballot, the last one, and none was left out.
check-CAST-3-fails = Ballots were left out, counted twice, or published in wrong numbers: the result does not follow from those cast.
check-MIX-1 = Every contest went through every mix server, from the counted ballots on
check-MIX-1-means = Each mix server took over exactly what the one before it had handed on.
check-MIX-1-fails = What was mixed is not what was to be counted: votes may have been exchanged on the way. The result is not proven.
check-MIX-2 = Every mix only shuffled
check-MIX-2-means = Each mix server proved that it changed the order and nothing else, without showing how.
check-MIX-2-fails = Votes may have been added, removed or exchanged in this mix. The result of this contest is not proven.
check-DECRYPT-1 = Enough trustees decrypted every contest
check-DECRYPT-1-means = The agreed number of trustees took part.
check-DECRYPT-1-fails = The votes of the contest cannot be opened by as many as must do it together. Its result is not proven.
check-DECRYPT-2 = Every decryption is right
check-DECRYPT-2-means = Each trustee proved that it used its own key share, and on the mixed votes.
check-DECRYPT-2-fails = The votes may have been opened as others than they are. The result of this contest is not proven.
check-OUTCOME-1 = The signed result is the last entry
check-OUTCOME-1-means = The commission signed the result, and nothing came after it.
check-OUTCOME-1-fails = No signed result closes the record: what is published elsewhere as the result does not follow from it.
check-OUTCOME-2 = The votes follow from the decryptions that the result names
check-OUTCOME-2-means = The decrypted votes were put together anew.
check-OUTCOME-2-fails = The published votes are not those that the trustees decrypted. The result is not proven.
check-OUTCOME-3 = The published result is the one that these votes give
check-OUTCOME-3-means = All votes were counted anew by the rules in the manifest, up to the last seat.
check-OUTCOME-3-fails = The published result is not the one that the votes give.

## Further

further = How you can check further
further-evidence = Keep this record unchanged and tell the election commission, the press or a court. Anybody who checks it finds the same.
further-id = Compare the election id above with what the commission published before voting began.
further-checkpoint = Compare the board's fingerprint with what others saw: other observers, witnesses, your own earlier copy.
further-receipt = If you voted: check your receipt against this record. It shows that your encrypted ballot is in it and counted.
further-again = Run the audit yourself, on your own computer, with the same record:
further-own = Or have somebody you trust write their own verifier: the specification and its test vectors are public.
notes = Remarks
limits = What no record can show
limit-device = That a voter's own device encrypted what the voter chose. The check on a second device is for that.
limit-roll = That everybody on the roll was entitled to vote, and nobody else: the registrar signs for it.
limit-cancelled = That voters whose ballots were cancelled did vote on paper.
limit-newest = That there is no newer record. A record that was cut off earlier shows as incomplete.
made-by = Made by the Selge auditor, version
