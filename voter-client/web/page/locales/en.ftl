### The voting page. Every language has the same messages; the build fails if one is missing.

## Around every step

skip = Skip to the content
language = Language
voting = Voting
loading = One moment
loading-means = The election is being loaded.
open-until = You can vote until { DATETIME($date, weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "numeric", timeZoneName: "short") }.
no-cookies = This page sets no cookies and loads nothing from anybody else.
step = Step { $now } of { $total }
start = Start
continue = Continue
back = Back
change = Change
change-of = Change: { $title }
checking = Checking

## Welcome

welcome-lead = You vote on this device. Your choice is encrypted here, before it is sent. It takes about two minutes.
welcome-until = Voting is open until { DATETIME($date, weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "numeric", timeZoneName: "short") }.
welcome-secret = Nobody can see how you vote. Choose a place where nobody looks over your shoulder.
welcome-again = You can vote again as often as you like. Only your last vote counts.
not-open-yet = Voting has not begun. It begins on { DATETIME($date, weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "numeric", timeZoneName: "short") }. Come back then.
has-closed = Voting has ended. The planned end was { DATETIME($date, weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "numeric", timeZoneName: "short") }. No more votes are taken.

## How do I know?

how-do-i-know = How do I know?
know-device = Your vote is encrypted on this device. What leaves it cannot be read by those who run this page.
know-open = { $threshold } of { $trustees } trustees together can open the votes, after { $mixes ->
    [one] an independent server has
   *[other] { $mixes } independent servers have
} shuffled them, so that no vote can be led back to a voter.
know-check = Everything that is needed to check the result is published. Anybody can check it with a program of their own.
know-election = Election
know-release = Version of this page

## Credential

credential-title = Your voting code
credential-lead = You have received a voting code for this election. It shows that you are on the roll of voters.
credential-code = Paste the code here
credential-help = It begins with “selge1.”. You can also paste the whole link or message that holds it.
credential-file = Or choose the file that holds it, or your credential file
scan-start = Scan a QR code with the camera
scan-stop = Stop the camera
scan-lead = Hold the QR code in front of the camera. Pictures stay on this device.
passphrase-title = Your credential file
passphrase-field = Passphrase of this file
passphrase-help = The file is encrypted. The passphrase is the one that was chosen when the file was made. It stays on this device.
credential-none = I have no code, or I have lost it
credential-none-means = Ask the election commission. It can tell you how to get one, and you can always vote on paper.

## Choosing

contest-of = Question { $now } of { $total }
earlier = You have voted already. You can vote again: then only the new vote counts.
rule-one = Choose one.
rule-many = { $max ->
    [one] Choose one.
   *[other] Choose up to { $max }.
}
rule-approve = Choose everybody you agree with, as many as you like.
rule-rank = { $max ->
    [one] Choose one.
   *[other] Put up to { $max } in your order, the best first.
}
rule-score = Give each a score from 0 to { $max }. { $max } is best.
search = Search by name, number or list
search-found = { $count ->
    [0] None found
    [one] { $count } found
   *[other] { $count } found
}
blank = Blank vote
blank-means = I vote for nobody here
ranking = Your order
candidates = Candidates
rank-empty = Nobody yet. Choose below who comes first.
rank-add = Put in place { $place }
rank-added = { $name } is in place { $place }
rank-moved = { $name } is now in place { $place } of { $count }
rank-removed = { $name } was taken out
rank-up = { $name }: up, now in place { $place }
rank-down = { $name }: down, now in place { $place }
rank-remove = { $name }: take out
counter = { $count } of { $max } chosen
score-of = { $score ->
    [one] { $score } point
   *[other] { $score } points
}
fault-none = { $blank ->
    [true] You have not chosen anybody. Choose, or mark “Blank vote”.
   *[false] You have not chosen anybody. Choose at least one.
}
fault-no-score = { $blank ->
    [true] You have not given any score. Give one, or mark “Blank vote”.
   *[false] You have not given any score. Give at least one.
}
fault-too-many = You have chosen { $count }, and at most { $max } are allowed. { $extra ->
    [one] Take one out.
   *[other] Take { $extra } out.
}
notice-blank = You vote for nobody here. That is allowed, and it is counted as a blank vote.
notice-zero = { $count ->
    [one] One that you gave no score gets 0.
   *[other] { $count } that you gave no score get 0.
}
notice-under = You have chosen { $count } of up to { $max }. That is allowed; you can still add more.

## Review

review-title = Is this your vote?
review-lead = Nothing has been sent yet.
earlier-replaced = This vote replaces your earlier one.
cast = Cast this vote

## Casting

casting-title = Your vote is being cast
casting-kept = Your last vote is being sent
casting-kept-means = This device still held a vote that was cast and not confirmed. It is sent again; nothing is counted twice.
casting-encrypting = Encrypting on this device
casting-sending = Sending, and checking the receipt
casting-lost = There is no connection at the moment. Your encrypted vote is kept on this device and is sent as soon as there is one. You can also close this page and open it again later, before voting ends.
casting-busy = Many people are voting at the moment. Your vote is kept and is sent again in a moment.

## It was not taken

refused-title = Your vote was not taken
refused-other = The other vote is recorded under this number:
back-to-review = Back to my choices
back-to-start = Back to the start

## Recorded

recorded-title = Your vote is recorded
recorded-lead = It is in the ballot box, and you have a signed receipt for it.
tracker = Your tracking number
tracker-means = With this number anybody can find your encrypted vote in the ballot box. It does not show how you voted.
download = Download the receipt
now-what = What now?
now-keep = Keep the receipt. With it you can prove that your vote was taken in.
now-again = You can vote again until { DATETIME($date, weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "numeric", timeZoneName: "short") }. Only the last vote counts.
now-paper = If you vote on paper, the paper vote counts and this one does not.
vote-again = Vote again
know-receipt = The receipt is signed by the ballot box. It proves that your encrypted vote is entry { $index } of the public record, and this page has checked that before it said so.
know-program = The program “voter-client” checks the receipt again later, without this page. It needs the receipt and the encrypted vote.
download-ballot = Download the encrypted vote

## On a second device

check-open = Check a vote made on another device
check-title = Check a vote from this device
check-lead = On the device that you vote with, open “Check this device before casting” or, after casting, “Check on a second device”, and type this code:
check-qr = The code as a QR code
check-waiting = Waiting for the other device. The code is good for half an hour.
check-shown = The other device has encrypted a vote
check-shown-means = It must show the same number. Then decide there: cast that encrypted vote, or have it opened here.
check-opened = An encrypted vote was opened, and held:
check-opened-means = This vote is thrown away and must never be cast; this device will tell you if it is. If it does not hold what you chose, vote on another device, and tell the election commission.
practice-title = Why does this convince nobody else?
practice-lead = Whoever holds this device can make it show the same for any other choice, for this very vote. Try it: choose anything you like. What you see then looks exactly like a real check.
practice-start = Show a check of another choice
practice-real = Show what the vote really holds
practice-over = Half an hour is over, and this device has forgotten what it needs to make one up. A new check can do it again.
practice-choose = This is practice: it changes no vote. Choose what the made-up check shall show.
check-heard = The vote is recorded, and it holds:
check-heard-lead = This device has fetched the encrypted vote from the public record itself.
check-cancelled = The electronic votes of this voter are cancelled: this vote is not counted.
check-older = A later vote of this voter has been recorded: this one is not counted.
check-voter = Number of the voter
check-voter-means = Compare it with the number on the voter card. Another number is another person's vote.
check-only-you = This convinces you alone. Whoever holds this device could have made the same for any other choice, so it proves your vote to nobody else.
check-failed = The check did not succeed
check-again = New check
second-title = Check on a second device
second-lead = Open the address of this page on another device, choose “Check a vote made on another device”, and type the code that it shows here. Only that device is shown your choice. It is possible until you close this page.
second-code = Code on the other device
second-send = Show my vote there
second-sent = The other device has got what it needs. Read there what your vote holds.
challenge-title = Check this device before casting
challenge-lead = You can try whether this device encrypts what you chose. Open the address of this page on another device, choose “Check a vote made on another device”, and type the code that it shows here. Nothing is cast by this.
challenge-show = Encrypt, and show the number there
challenge-shown = Your vote is encrypted. The other device must show the same number:
challenge-decide = If it does, decide: cast this encrypted vote with the button above, or have it opened on the other device.
challenge-open = Open it there, and do not cast it
challenge-open-means = What was opened cannot be cast any more. Your choices stay, and are encrypted anew. As this device cannot know beforehand what you decide, it cannot cheat unnoticed.
challenge-opened = The other device shows what the encrypted vote held. That vote is thrown away. Your choices are still here: check once more, or cast them, and they are encrypted anew.

## Problems

problem-title = This does not work at the moment
fault-detail = For whoever helps you
trying-again = This page goes on trying by itself.
problem = { $name ->
    [lost] The ballot box cannot be reached. Check your connection to the internet.
    [busy] Many people are voting at the moment. Please wait a little.
    [other-election] Your link is for another election than this page serves. Do not vote here; check the link with the election commission.
    [false-board] What this ballot box shows cannot be right. Do not vote here, and tell the election commission what is written below.
    [not-open] Voting has not begun yet. Come back when it has.
    [closed] Voting has ended. No more votes are taken.
    [code-none] There is no voting code in this. A code begins with “selge1.”. Copy it from the message that you received.
    [code-length] This code is not whole. Copy all of it, from “selge1.” to its last letter.
    [code-mistyped] A letter of this code is wrong. Copy the code and paste it, rather than typing it.
    [camera] The camera cannot be used. Allow this page to use it, or paste or type the code.
    [file-passphrase] This is not the passphrase of this file, or the file is damaged. Try again.
    [file-role] This file is a key for something else, not for voting. Choose your credential file.
    [file-unknown] This is no credential file, or it is damaged. Choose another file, or paste your code.
    [file-work] This file is made in a way that takes too much memory for a browser. Use the program “voter-client code” to get a code from it.
    [not-on-roll] The code is well formed, but it is not on the roll of this election. Perhaps it is the code of another election. If not, ask the election commission.
    [cancelled] Your electronic votes were cancelled, as it is done when somebody votes on paper. If you have not voted on paper, tell the election commission.
    [stale] Meanwhile another vote was cast with your code. If that was you on another device, cast this one again to replace it. If it was not you, somebody else has your code: vote again now, and tell the election commission.
    [refused] The ballot box refused the vote. Your choices are still here; try again. If it happens again, tell the election commission what is written below.
    [false-receipt] The ballot box gave a receipt that is false. Your vote does not count as recorded. Tell the election commission what is written below.
    [kept-damaged] The vote that was kept on this device is damaged. Please vote again.
    [choices] These choices do not make a vote. Go back and check them.
    [check-code] This is not the code that the other device shows. Compare it, or make a new one there.
    [check-gone] There is no device with this code, or half an hour is over. Make a new code on the other device.
    [check-broken] The message of the voting page could not be read here. Make a new code and try again.
    [check-false] The check failed: the recorded vote is not what the voting page says. Vote again on another device, and tell the election commission what is written below.
    [check-full] This code has been used too often. Make a new one on the other device.
    [check-opening] The check failed: the opened vote does not hold what the other device says. Vote on another device, and tell the election commission what is written below.
    [check-opened] The recorded vote was opened before, and must not have been cast. Vote again on another device, and tell the election commission what is written below.
   *[internal] Something went wrong on this page. Load it again. If it happens again, use another browser, or vote on paper.
}
