### تقرير التدقيق كصفحة. `$n` يختار الصيغة، و`$n-text` هو العدد كما يُكتب.

## البداية

kicker = تدقيق مستقل في سجل انتخابات علني
unknown-election = انتخابات لا يمكن قراءة اسمها
verdict-passed = النتيجة صحيحة
verdict-passed-means = تُتبِّع كل صوت على اللوح العلني من توقيع الناخب إلى النتيجة المنشورة. لم يُضف أحد صوتا ولم يحذفه ولم يغيّره في الطريق، والعدّ صحيح. ولا يقوم شيء من هذا على الثقة بمن أدار الانتخابات. أما من كان في سجل الناخبين وصوت من أُلغي فذلك قرارهم الموقّع، ولا يستطيع أي سجل أن يتحقق منه.
verdict-passed-count = { $all ->
    [one] أُجري الفحص الوحيد ونجح.
    [two] أُجري الفحصان ونجحا.
    [few] أُجريت كل الفحوص، وهي { $all-text }، ونجحت.
   *[other] أُجريت كل الفحوص، وعددها { $all-text }، ونجحت.
  }
verdict-failed = هناك خطأ
verdict-failed-means = هذا السجل لا يُثبت نتيجته. ما الخطأ ومن المسؤول عنه مذكور أدناه. احتفظوا بالسجل كما هو: إنه دليل.
verdict-other-means = هذا سجل انتخابات غير التي طُلبت. قارنوا المعرّف المعطى بما نشرته اللجنة، وانظروا من أين جاء السجل.
verdict-failed-count = { $failed ->
    [one] لم ينجح فحص واحد من { $all-text }.
    [two] لم ينجح فحصان من { $all-text }.
    [few] لم تنجح { $failed-text } فحوص من { $all-text }.
   *[other] لم ينجح { $failed-text } فحصا من { $all-text }.
  }
verdict-incomplete = لم يمكن فحص كل شيء
verdict-incomplete-means = لم يُعثر حتى الآن على خطأ، لكن السجل غير كامل أو ما زالت الانتخابات جارية. لا نتيجة مثبتة.
verdict-incomplete-count = { $open ->
    [one] لم يمكن إتمام فحص واحد من { $all-text }.
    [two] لم يمكن إتمام فحصين من { $all-text }.
    [few] لم يمكن إتمام { $open-text } فحوص من { $all-text }.
   *[other] لم يمكن إتمام { $open-text } فحصا من { $all-text }.
  }
verdict-part-means = فُحص جزء فقط كما طُلب، ولم يُعثر فيه حتى الآن على خطأ. لا نتيجة مثبتة.
verdict-part-count = { $open ->
    [one] فحص واحد من { $all-text } لم يُجرَ بالكامل.
    [two] فحصان من { $all-text } لم يُجريا بالكامل.
    [few] { $open-text } فحوص من { $all-text } لم تُجرَ بالكامل.
   *[other] { $open-text } فحصا من { $all-text } لم يُجرَ بالكامل.
  }
asked-for = المطلوب
election-id = معرّف الانتخابات
compare-id = قارنوه بالمعرّف الذي نشرته لجنة الانتخابات. من دون ذلك قد يكون هذا سجل انتخابات أخرى.
id-was-given = هو المعرّف المطلوب.
id-is-another = ليس هو المعرّف المطلوب: هذا سجل انتخابات أخرى.
phase = المرحلة
phase-set-up = قيد الإعداد
phase-voting = التصويت جارٍ
phase-counting = قيد العدّ
phase-finished = انتهت
phase-aborted = أُلغيت
phase-until = بقدر ما أمكن تتبّع القيود
voters = الناخبون في القائمة
board = اللوح العلني
board-entries = { $n ->
    [one] قيد واحد، وبصمته (الجذر):
    [two] قيدان، وبصمتهما (الجذر):
    [few] { $n-text } قيود، وبصمتها (الجذر):
   *[other] { $n-text } قيدا، وبصمتها (الجذر):
  }
time = مدة التدقيق
seconds = ث

## الأخطاء

problems = ما الخطأ
not-done = ما لم يمكن فحصه
not-asked = ما لم يُطلب
culprit = المسؤول
problem = الخطأ
must-hold = ما يجب أن يصحّ:
fails-means = ماذا يعني هذا:
check = الفحص
and-more = { $n ->
    [one] وواحد آخر
    [two] واثنان آخران
   *[other] و{ $n-text } غيرها
  }
in-english = الأخطاء أدناه بكلمات البرنامج نفسه، بالإنجليزية.

## من يُذكر

culprit-fault = المسؤول عن الخطأ:
culprit-commission = لجنة الانتخابات ({ $name })
culprit-the-commission = لجنة الانتخابات
culprit-registrar = المسجّل ({ $name })
culprit-collector = الجامع ({ $name })
culprit-trustee = الأمين { $n-text } ({ $name })
culprit-trustees = الأمناء
culprit-mix-server = خادم الخلط { $n-text } ({ $name })
culprit-voter = الناخب { $name }
culprit-contest = السباق «{ $name }»
culprit-record = السجل
culprit-program = هذا البرنامج
culprit-file = الملف { $name }
culprit-with = { $who }، { $of }
culprit-and = { $one } و{ $other }
culprit-or = { $one } أو { $other }
culprit-and-either = { $one }، ومعه إما { $other }
culprit-not-in-manifest = ليس في البيان
culprit-contest-number = السباق { $n-text }
culprit-doubt = { $sentence }؛ أو من صنع هذه النسخة: لم يتبيّن أن قيودها هي التي وقّعها الجامع
culprit-no-key = { $collector }، إذ وضع على اللوح { $entry }؛ ولا مفتاح للموقّع ({ $who })
culprit-unsigned = { $collector }، إذ وضع على اللوح { $entry }؛ ولا توقيع عليه من { $who } لهذه الانتخابات
culprit-put = { $collector }، إذ وضع على اللوح { $entry }
culprit-signed-itself = { $collector }، إذ وقّع بنفسه { $entry }؛ ولا توقيع عليه من { $who } لهذه الانتخابات
culprit-forged = { $other }، صاحب التوقيع على { $entry }، و{ $collector } الذي قبله؛ ولا توقيع عليه من { $who } لهذه الانتخابات
culprit-repeated = { $collector }، إذ كرّر { $first } في صورة { $entry }؛ والتوقيع من { $who } كان مرة واحدة
culprit-no-time = { $collector }، إذ قبل { $entry } في وقت لا تُقبل فيه بطاقات
culprit-voter-before = { $collector }، إذ أسقط أو كرّر أو نقل ما يخص هذا الناخب قبل { $entry }؛ أو { $collector } مع { $who } إن كان التوقيع على ذلك: أيّهما، لا يبيّنه السجل
culprit-entries-before = { $collector }، إذ غيّر القيود قبل { $entry }؛ أو { $collector } مع { $who } إن كان التوقيع على ذلك: أيّهما، لا يبيّنه السجل
culprit-mix-before = { $collector }، إذ أسقط الخلط قبل { $entry }؛ أو { $collector } مع { $who } إن كان التوقيع على ذلك: أيّهما، لا يبيّنه السجل
culprit-moved = { $collector }، إذ نقل { $entry } أو أسقط ما يجب أن يسبقه؛ أو { $collector } مع { $who } إن كان التوقيع على ذلك: أيّهما، لا يبيّنه السجل
culprit-either = { $collector }، إذ قبل { $entry }، ومعه إما { $who } إن كان التوقيع على ذلك، أو { $other }: أيّهما، لا يبيّنه السجل
culprit-signed = { $who }، صاحب التوقيع على { $entry }، و{ $collector } الذي قبله
culprit-longer = { $who }، صاحب التوقيع على ملف أطول، و{ $collector } الذي قبله
culprit-signed-for = { $who }، صاحب التوقيع على الملف { $file }، و{ $collector } الذي قبله
culprit-took = { $entry }، و{ $collector } الذي قبله
culprit-copied-entries = { $collector }؛ أو من صنع هذه النسخة من القيود
culprit-copied-cosignatures = { $collector }؛ أو من صنع هذه النسخة وأسقط تواقيع الشهود
culprit-or-copier = { $collector }؛ أو من صنع هذه النسخة ({ $file })
culprit-copier-first = من صنع هذه النسخة ({ $entry })؛ أو الجامع الذي وضعه هناك
culprit-put-first = الجامع الذي وضع قيدا آخر أولا؛ أو من صنع هذه النسخة ({ $entry })
culprit-manifest = لجنة الانتخابات إن كانت وقّعت هذا البيان؛ أو الجامع، أو من صنع هذه النسخة ({ $file })
culprit-copier-or = من صنع هذه النسخة ({ $file })؛ أو { $sentence }
culprit-copier = من صنع هذه النسخة ({ $file })
culprit-handed-out = من أعطى هذا السجل أو ذلك المعرّف
culprit-program-in = هذا البرنامج ({ $who })
culprit-entry-another-list = { $entry }، وهو خلط لقائمة غير التي على اللوح
culprit-entry-later-place = { $entry }، وهو خلط في موضع بعد موضعه
culprit-entry-withheld = { $entry } في سباق لا يجوز فكّه
culprit-entry-not-last = { $entry } لقائمة غير التي خرجت من آخر خلط
culprit-entry-unfit = { $entry } الذي لا يوافق ما قبله
culprit-other-mix-before = { $who } إن كان التوقيع على خلط آخر قبله
culprit-other-closing = { $who } إن كان التوقيع على إغلاق ببطاقات أخرى
culprit-other-left-out = { $who } إن كان خلطه قد أُسقط ولم يغيّر شيئا
culprit-other-mix = { $who } إن كان التوقيع على خلط آخر
culprit-other-roll = { $who } أو أحد الأمناء، إن كانت القائمة أو الرسالة غير هذه
culprit-other-trustee = أمين آخر، إن كانت رسالته غير هذه
culprit-entries-of = عمليات الخلط أو الفك، { $who }
culprit-entry = القيد { $n-text }
culprit-entry-in = القيد { $n-text }، في الملف { $file }
culprit-entry-kind = القيد { $n-text } ({ $kind })
culprit-entry-of = القيد { $n-text } ({ $kind }): { $who }
kind-manifest = البيان
kind-ceremony-commitments = التزامات المفتاح
kind-ceremony-shares = حصص المفتاح
kind-ceremony-confirmation = تأكيد المفتاح
kind-ceremony-complaint = شكوى بشأن المفتاح
kind-roll = قائمة الناخبين
kind-opening = الافتتاح
kind-ballot = البطاقة
kind-cancellation = الإلغاء
kind-closing = الإغلاق
kind-mix = الخلط
kind-partial-decryption = الفك
kind-result = النتيجة

## ما ينقص

missing-never = { $what }، ولن يكون ذلك: لم ينجح صنع المفتاح المشترك
missing-not-there = ما يلزم لهذا الفحص ليس في السجل
missing-see = ما يلزم لهذا الفحص غير موجود أو لم ينجح: انظر { $checks }
missing-not-asked = لم يُجرَ: لم يُطلب
missing-not-asked-for = لم يُجرَ لأنه لم يُطلب: { $contests }
missing-listing = لا يمكن سرد ملفات السجل: { $error }
missing-no-file = لا ملف هنا إطلاقا: هل هذا مجلد سجل انتخابات؟
missing-first-entries = القيود الأولى، tile/entries/000، مفقودة
missing-after = القيود بعد القيد { $n-text } المخالف للترتيب
missing-unread = قد تذكر القيود التي لا يمكن قراءتها ملفات أخرى
missing-too-many = الملفات المفقودة أكثر من أن يمكن الحكم
missing-roll = قائمة الناخبين ليست على اللوح
missing-opened = لم يُفتتح التصويت
missing-closed = لم يُغلق التصويت
missing-closed-further = لم يُغلق التصويت: قد تأتي بطاقات أخرى
missing-opening-key = الافتتاح الذي يذكر المفتاح الذي تُشفّر به البطاقات
missing-proofs = لا تصحّ براهين كل البطاقات، فلا يُعرف ما الذي يُعدّ
missing-no-ciphertext = { $contest }: إحدى البطاقات المحتسبة ليست نصا مشفّرا أصلا، فلا يمكن فحص أي خلط لها (انظر { $checks })
missing-trustees = { $contest }: عدد الأمناء الذين فكّوا: { $found-text }، واللازم: { $needed-text }
missing-mixed-list = { $contest }: القائمة بعد تمام الخلط
missing-combined = { $contest }: عمليات الفك مجموعة معا
missing-decryption = الفك الصحيح: { $who }
missing-files = { $who }: لا يمكن استعمال ملفاته
missing-result = النتيجة المنشورة
missing-result-trustees = النتيجة المنشورة التي تذكر الأمناء الذين تُجمع عمليات فكّهم
missing-finished-set-up = لم تنتهِ الانتخابات: هي قيد الإعداد
missing-finished-voting = لم تنتهِ الانتخابات: التصويت جارٍ
missing-finished-counting = لم تنتهِ الانتخابات: هي قيد العدّ
missing-finished-aborted = لم تنتهِ الانتخابات: فقد أُلغيت
missing-votes-one = أصوات سباق واحد ({ $checks })
missing-votes = أصوات السباقات، وعددها { $n-text } ({ $checks })
missing-numbers = أعداد صحيحة للبطاقات ({ $checks })
missing-cosignatures = { $standing }؛ لم تنتهِ الانتخابات، وقد تأتي التواقيع بعد
missing-standing = عدد الشهود الموقّعين: { $found-text } من { $n-text }، واللازم: { $needed-text }
missing-standing-and = { $one }؛ { $other }
missing-standing-cosigned = وقّع: { $names }
missing-standing-not = لم يوقّع: { $names }
missing-standing-false = توقيع لا يصحّ: { $names }
missing-answer-ballots = جواب ليس عن البطاقات
missing-answer-mixes = جواب ليس عن عمليات الخلط
missing-answer-decryptions = جواب ليس عن عمليات الفك
missing-lost-answer = لم تُفحص البراهين: أعطى أحد العمال جوابا ليس عن مهمته؛ أعد الفحص
missing-lost-worker = لم تُفحص البراهين: توقّف العامل: { $reason }؛ أعد الفحص
missing-file-of = { $file } ({ $kind }: { $who }): { $error }
missing-file = { $file }: { $error }
missing-in-contest = { $contest }: { $who }
missing-error-missing = الملف مفقود
missing-error-too-long = الملف أطول من { $n-text } بايت، وهو أقصى ما يجوز له
missing-error-not-plain = هذا ليس ملفا عاديا
missing-error-read = لا يمكن قراءة الملف: { $reason }

## النتيجة

result = النتيجة
no-result = لا توجد نتيجة مثبتة لعرضها.
result-proven = حُسبت من جديد من الأصوات المفكوكة، وهي تساوي النتيجة المنشورة.
list = القائمة
candidate = المرشح
votes = الأصوات
share = النسبة من الأصوات الصالحة
without-list = مرشحون خارج القوائم
votes-when-elected = الأصوات عند الفوز
first-preferences = التفضيلات الأولى
seats = المقاعد
below-threshold = دون عتبة الحسم
independent = مستقل
elected = الفائزون
nobody-elected = لم يُنتخب أحد.
where-stood = السباق
won-by = نوع المقعد
by-votes = أكثر الأصوات
by-round = عدّ التفضيلات، الجولة { $n-text }
by-list = مقعد القائمة
by-personal = مقعد شخصي
by-district = مقعد القائمة في الدائرة
by-compensation = مقعد تعويضي للقائمة
ties = { $n ->
    [one] حسم تعادل واحد في الأصوات أمرا ما. فُصل فيه بالقاعدة التي حدّدها البيان قبل التصويت.
    [two] حسم تعادلان في الأصوات أمرا ما. فُصل فيهما بالقاعدة التي حدّدها البيان قبل التصويت.
    [few] حسمت { $n-text } تعادلات في الأصوات أمرا ما. فُصل فيها بالقاعدة التي حدّدها البيان قبل التصويت.
   *[other] حسم { $n-text } تعادلا في الأصوات أمرا ما. فُصل فيها بالقاعدة التي حدّدها البيان قبل التصويت.
  }
ties-which = حالات التعادل
tie-seat = من ينال المقاعد الأخيرة
tie-elimination = من يُستبعد في الجولة { $n-text }
tie-election = من يُنتخب أولا في الجولة { $n-text }
tie-list = أي قائمة تنال المقعد
tie-equal = المتعادلون:
tie-by = حسمه:
tie-chosen = وقع الحسم على:
tie-candidate-order = ترتيب المرشحين في البيان
tie-lot = ترتيب القرعة في البيان
tie-earlier-round = الأصوات في الجولة { $n-text }
tie-list-order = ترتيب القوائم في البيان
vacant = { $n ->
    [one] يبقى مقعد واحد شاغرا.
    [two] يبقى مقعدان شاغرين.
    [few] تبقى { $n-text } مقاعد شاغرة.
   *[other] يبقى { $n-text } مقعدا شاغرا.
  }
withheld = محجوب: عدد البطاقات أقل من أن تُفك من دون كشف من صوّت كيف.
undecided = غير محسوم: ليس للقاعدة جواب لهذه الأصوات، والأصوات باقية كما هي.
votes-in = الأصوات في كل سباق
ballots-in = { $n ->
    [one] بطاقة واحدة
    [two] بطاقتان
    [few] { $n-text } بطاقات
   *[other] { $n-text } بطاقة
  }
blank-in = { $n ->
    [one] واحدة منها بيضاء
    [two] اثنتان منها بيضاوان
   *[other] { $n-text } منها بيضاء
  }

## مسار البطاقات

flow = مسار البطاقات
flow-means = كل عدد يتبع من الذي فوقه. وقد عدّ المدقق كل واحد من جديد.
flow-none = لا يمتد السجل بما يكفي لعرضه.
flow-cast = أُدلي بها
flow-superseded = حلّت محلها بطاقة لاحقة للناخب نفسه
flow-cancelled = أُلغيت، كل واحدة بقيد علني موقّع
flow-counted = البطاقات المحتسبة
flow-votes = الأصوات في كل السباقات
flow-votes-means = في البطاقة صوت لكل سباق من سباقاتها.
flow-withheld = لم تُفك: عددها في السباق قليل جدا
flow-mix = خلطها { $name }
flow-mix-means = الأصوات نفسها بترتيب آخر، ولا يمكن التعرف عليها بعد.
flow-decrypted = فكّها الأمناء معا
flow-mix-lost = خلط { $name }
flow-decrypted-lost = فك الأمناء
flow-undecodable = بلا اختيار صالح
flow-blank = بيضاء
flow-valid = للمرشحين
flow-proven = مثبت
flow-not-proven = غير مثبت
flow-wrong = خطأ
flow-contests = الشيء نفسه لكل سباق
flow-in-counted = المحتسبة
flow-in-mixed = عمليات الخلط المثبتة
flow-in-decryptions = عمليات الفك المثبتة
flow-in-votes = الأصوات

## التواقيع

signers = من وقّع ماذا
signers-means = فُحص كل توقيع بالمفتاح الوارد في بيان الانتخابات، وتواقيع الناخبين بمفاتيح القائمة.
role = الدور
name = الاسم
signed = وقّع
role-commission = لجنة الانتخابات
role-registrar = المسجّل
role-collector = الجامع (يدير اللوح)
role-voters = الناخبون
role-mix_server = خادم الخلط
role-trustee = أمين
role-witness = شاهد
signed-manifest = البيان
signed-opening = الافتتاح
signed-cancellations = { $n ->
    [one] إلغاء واحد
    [two] إلغاءان
    [few] { $n-text } إلغاءات
   *[other] { $n-text } إلغاء
  }
signed-closing = الإغلاق
signed-result = النتيجة
signed-roll = قائمة الناخبين
signed-ballots = { $n ->
    [one] بطاقة واحدة
    [two] بطاقتان
    [few] { $n-text } بطاقات
   *[other] { $n-text } بطاقة
  }
signed-checkpoint = بصمة اللوح
signed-mixes = { $n ->
    [one] خلط واحد
    [two] خلطان
    [few] { $n-text } عمليات خلط
   *[other] { $n-text } عملية خلط
  }
signed-ceremony = { $n ->
    [one] رسالة واحدة من مراسم المفتاح
    [two] رسالتان من مراسم المفتاح
    [few] { $n-text } رسائل من مراسم المفتاح
   *[other] { $n-text } رسالة من مراسم المفتاح
  }
signed-decryptions = { $n ->
    [one] فك واحد
    [two] فكّان
    [few] { $n-text } عمليات فك
   *[other] { $n-text } عملية فك
  }
signed-cosignature = بصمة اللوح كما رآها

## الفحوص

checks = كل الفحوص
checks-of = { $n ->
    [one] فحص واحد
    [two] فحصان
    [few] { $n-text } فحوص
   *[other] { $n-text } فحصا
  }
status-passed = نجح
status-failed = لم ينجح
status-not_run = لم يُجرَ
status-skipped = لم يُطلب
on-trust = أُخذ على الثقة لأنه لم يُطلب:
looked-at = { $what }: { $n-text } من { $of-text }
what-entries = القيود
what-bundles = حزم القيود
what-ballots = البطاقات
what-checkpoint = البصمة الموقّعة
what-commitments = الالتزامات
what-confirmations = التأكيدات
what-contests = السباقات
what-cosignatures = تواقيع شهود مختلفين
what-decryptions = عمليات الفك
what-files = الملفات
what-tiles = بلاطات التجزئة
what-id = المعرّف
what-key = المفتاح
what-manifest = البيان
what-mixes = عمليات الخلط
what-result = النتيجة
what-root = البصمة
what-shares = رسائل الحصص
what-roll = قائمة الناخبين
what-opening = الافتتاح
what-closing = الإغلاق
missing = ناقص
group-FILE = الملفات
group-ELECTION = الانتخابات
group-BOARD = اللوح العلني
group-ENTRY = كل قيد على اللوح
group-CEREMONY = كيف صُنع المفتاح
group-VOTERS = من يحق له التصويت
group-PERIOD = متى كان التصويت
group-CAST = البطاقات
group-MIX = الخلط
group-DECRYPT = الفك
group-OUTCOME = النتيجة
check-FILE-1 = يتكوّن السجل من ملفات عادية
check-FILE-1-means = لا شيء في المجلد يشير إلى مكان آخر أو يختبئ.
check-FILE-1-fails = في هذه النسخة ما قد يقود إلى مكان آخر. لا يقول هذا شيئا ضد النتيجة؛ خذوا نسخة سليمة.
check-FILE-2 = لا ملف ناقص
check-FILE-2-means = كل ما يذكره اللوح موجود.
check-FILE-2-fails = هذه النسخة ناقصة، فلا يمكن إثبات نتيجة منها؛ خذوا نسخة أخرى.
check-FILE-3 = لا ملف هنا لا مكان له
check-FILE-3-means = لا يستطيع أحد أن يدسّ بجانب السجل شيئا غير موقّع.
check-FILE-3-fails = بجانب السجل شيء لم يوقّعه أحد. لا يقول هذا شيئا ضد النتيجة، ولا يجوز عدّه جزءا من السجل.
check-FILE-4 = كل ملف يحوي ما يقوله اسمه
check-FILE-4-means = حُسبت بصمة كل ملف وهي تساوي اسمه، فلم يُستبدل أي ملف.
check-FILE-4-fails = ملف ليس هو الذي وُقّع عليه، فما يقوم عليه غير مثبت؛ قارنوه بنسخة أخرى.
check-ELECTION-1 = يبدأ اللوح ببيان صالح
check-ELECTION-1-means = حدّدت اللجنة قواعد الانتخابات ووقّعتها قبل كل شيء.
check-ELECTION-1-fails = من دون قواعد صالحة لا يمكن فحص شيء في هذا السجل، ولا نتيجة مثبتة.
check-ELECTION-2 = هذه هي الانتخابات المطلوبة
check-ELECTION-2-means = ليس هذا سجل انتخابات أخرى.
check-ELECTION-2-fails = لا يقول هذا السجل شيئا عن الانتخابات المطلوبة.
check-BOARD-1 = نقطة التحقق موقّعة من الجامع
check-BOARD-1-means = الجامع مسؤول بتوقيعه عن هذا اللوح بعينه.
check-BOARD-1-fails = لا أحد مسؤول عن هذا اللوح، فليس مؤكدا أنه اللوح العلني.
check-BOARD-2 = كل القيود موجودة ومقروءة
check-BOARD-2-means = طول اللوح هو الموقّع عليه.
check-BOARD-2-fails = هناك قيود لا يمكن قراءتها، فقد ينقص النتيجةَ ما تقوله.
check-BOARD-3 = القيود تؤدي إلى جذر نقطة التحقق
check-BOARD-3-means = حُسبت بصمة كل القيود من جديد وهي البصمة الموقّعة: لم يُغيّر شيء بعد ذلك ولم يُضف ولم يُحذف.
check-BOARD-3-fails = القيود ليست التي وُقّع عليها: ربما غُيّرت بطاقات أو غيرها أو أُضيفت أو حُذفت.
check-BOARD-4 = كل بلاطة تجزئة هي بلاطة القيود
check-BOARD-4-means = ما تُفحص به إيصالات الناخبين يعود إلى القيود نفسها.
check-BOARD-4-fails = قد تُجاب الإيصالات التي تُفحص بهذه الملفات خطأ؛ ولا يمسّ ذلك القيود نفسها.
check-BOARD-5 = وقّع عدد كافٍ من الشهود على نقطة التحقق
check-BOARD-5-means = رأى شهود مستقلون اللوح نفسه، فلم يُعرض على أحد لوح آخر.
check-BOARD-5-fails = رأى هذا اللوحَ عدد قليل جدا من الشهود المستقلين، فربما عُرض على غيرهم لوح آخر.
check-ENTRY-1 = كل قيد سليم الشكل
check-ENTRY-1-means = لكل قيد قراءة واحدة لا غير.
check-ENTRY-1-fails = هناك قيد لا يمكن قراءته، فليس مؤكدا أن ما بعده محتسب كما يجب.
check-ENTRY-2 = كل قيد موقّع ممن يجب أن يوقّعه
check-ENTRY-2-means = لم يتصرف أحد باسم غيره.
check-ENTRY-2-fails = تصرّف أحد باسم غيره. ما يقوله القيد، بطاقة كان أو عدّا، لا يصحّ.
check-ENTRY-3 = كل قيد يجوز أن يكون في موضعه
check-ENTRY-3-means = حدث كل شيء بالترتيب الصحيح، ولا شيء مرتين.
check-ENTRY-3-fails = اختل الترتيب: حدث شيء مبكرا أو متأخرا أو مرتين، وقد تقوم النتيجة عليه.
check-CEREMONY-1 = أثبت كل أمين أنه يعرف جزأه من المفتاح
check-CEREMONY-1-means = لم يستطع أي أمين أن يختار جزأه بحيث يملك المفتاح وحده.
check-CEREMONY-1-fails = قد يملك الأمين من المفتاح أكثر من جزئه: سرية الأصوات غير مؤكدة.
check-CEREMONY-2 = وزّع كل أمين حصصه وأكّد حصص غيره
check-CEREMONY-2-means = اتفق كل الأمناء على مفتاح واحد قبل بدء التصويت.
check-CEREMONY-2-fails = لم يتفق الأمناء على مفتاح واحد: سرية الأصوات وإمكان فكّها غير مؤكدين.
check-CEREMONY-3 = المفتاح المشترك هو مجموع أجزاء الأمناء
check-CEREMONY-3-means = شُفّرت الأصوات بمفتاح لا يستطيع أحد وحده أن يفتح به.
check-CEREMONY-3-fails = شُفّرت الأصوات بمفتاح غير مفتاح الأمناء: قد يقرؤها أحد وحده.
check-VOTERS-1 = قائمة الناخبين سليمة وتوافق البيان
check-VOTERS-1-means = كل ناخب في القائمة مرة واحدة وبمفتاح خاص به.
check-VOTERS-1-fails = ليس مؤكدا من كان له أن يصوّت: قد ينقص ناخبون أو يتكررون.
check-PERIOD-1 = افتُتح التصويت بهذه القائمة وهذا المفتاح في وقت مسموح
check-PERIOD-1-means = كانت القائمة والمفتاح ثابتين قبل أول صوت.
check-PERIOD-1-fails = ربما أُدلي ببطاقات بقائمة أو مفتاح غير المحددين، أو في وقت غير مسموح به.
check-PERIOD-2 = أُغلق التصويت على هذه القيود بعينها في وقت مسموح
check-PERIOD-2-means = وقّعت اللجنة أين انتهى التصويت، ولم تدخل بطاقة بعد ذلك.
check-PERIOD-2-fails = ربما أُضيفت بطاقات أو أُسقطت بعد انتهاء التصويت.
check-CAST-1 = في كل بطاقة اختيارات صالحة صنعها ناخبها
check-CAST-1-means = تُثبت كل بطاقة مشفّرة أن فيها اختيارا موجودا، من دون أن تُظهر أيّ اختيار.
check-CAST-1-fails = قد تحوي بطاقة أكثر من صوت أو اختيارا لا وجود له، فتغيّر النتيجة.
check-CAST-2 = كل بطاقة لناخب في القائمة، من نوعه، وتلي بطاقته الأخيرة
check-CAST-2-means = صوّت من يحق لهم فقط، كلٌّ ببطاقته، ولم تُعَد أي بطاقة قديمة.
check-CAST-2-fails = بطاقة ممن لا يحق له التصويت هكذا، أو بطاقة قديمة: ربما غيّرت النتيجة.
check-CAST-3 = البطاقات المحتسبة والمستبدلة والملغاة تساوي معا ما أُدلي به
check-CAST-3-means = لكل ناخب بطاقة محتسبة واحدة على الأكثر، هي الأخيرة، ولم تُترك أي بطاقة.
check-CAST-3-fails = أُسقطت بطاقات أو عُدّت مرتين أو نُشرت بأعداد خاطئة: لا تتبع النتيجة مما أُدلي به.
check-MIX-1 = مرّ كل سباق بكل خوادم الخلط، بدءا من البطاقات المحتسبة
check-MIX-1-means = أخذ كل خادم بالضبط ما سلّمه الذي قبله.
check-MIX-1-fails = لم يُخلط ما كان يجب عدّه: ربما استُبدلت أصوات في الطريق. النتيجة غير مثبتة.
check-MIX-2 = كل خلط لم يفعل غير الخلط
check-MIX-2-means = أثبت كل خادم أنه غيّر الترتيب لا غير، من دون أن يُظهر كيف.
check-MIX-2-fails = ربما أُضيفت أصوات أو حُذفت أو استُبدلت في هذا الخلط. نتيجة هذا السباق غير مثبتة.
check-DECRYPT-1 = فكّ عدد كافٍ من الأمناء كل سباق
check-DECRYPT-1-means = شارك العدد المتفق عليه من الأمناء.
check-DECRYPT-1-fails = لا يمكن أن يفتح أصوات السباق العدد الذي يجب أن يفعل ذلك معا. نتيجته غير مثبتة.
check-DECRYPT-2 = كل فك صحيح
check-DECRYPT-2-means = أثبت كل أمين أنه استعمل حصته من المفتاح وعلى الأصوات المخلوطة.
check-DECRYPT-2-fails = ربما فُتحت الأصوات على غير حقيقتها. نتيجة هذا السباق غير مثبتة.
check-OUTCOME-1 = النتيجة الموقّعة هي القيد الأخير
check-OUTCOME-1-means = وقّعت اللجنة النتيجة، ولم يأت بعدها شيء.
check-OUTCOME-1-fails = لا تختم السجلَّ نتيجة موقّعة: ما نُشر نتيجةً في مكان آخر لا يتبع منه.
check-OUTCOME-2 = الأصوات تتبع من عمليات الفك التي تذكرها النتيجة
check-OUTCOME-2-means = جُمعت الأصوات المفكوكة من جديد.
check-OUTCOME-2-fails = الأصوات المنشورة ليست التي فكّها الأمناء. النتيجة غير مثبتة.
check-OUTCOME-3 = النتيجة المنشورة هي ما تعطيه هذه الأصوات
check-OUTCOME-3-means = عُدّت كل الأصوات من جديد بقواعد البيان، حتى المقعد الأخير.
check-OUTCOME-3-fails = النتيجة المنشورة ليست التي تعطيها هذه الأصوات.

## بعد ذلك

further = كيف تتحققون أكثر
further-evidence = احتفظوا بهذا السجل من دون تغيير وأبلغوا لجنة الانتخابات أو الصحافة أو المحكمة. كل من يفحصه يجد الشيء نفسه.
further-id = قارنوا معرّف الانتخابات أعلاه بما نشرته اللجنة قبل بدء التصويت.
further-checkpoint = قارنوا بصمة اللوح بما رآه غيركم: مراقبون آخرون، شهود، نسختكم الأقدم.
further-receipt = إن كنتم قد صوّتم فافحصوا إيصالكم على هذا السجل. إنه يُظهر أن بطاقتكم المشفّرة فيه ومحتسبة.
further-again = أجروا التدقيق بأنفسكم، على حاسوبكم، بالسجل نفسه:
further-own = أو دعوا من تثقون به يكتب برنامج تحقق خاصا به: المواصفة وبيانات الاختبار علنية.
notes = ملاحظات
limits = ما لا يستطيع أي سجل أن يُظهره
limit-device = أن جهاز الناخب شفّر ما اختاره الناخب. لهذا وُضع التحقق على جهاز ثانٍ.
limit-roll = أن كل من في القائمة كان له حق التصويت ولا أحد غيرهم: المسجّل يوقّع على ذلك.
limit-cancelled = أن الناخبين الذين أُلغيت بطاقاتهم صوّتوا على الورق.
limit-newest = أنه لا يوجد سجل أحدث. السجل المقطوع قبل ذلك يظهر ناقصا.
made-by = أعدّه مدقق Selge، الإصدار
