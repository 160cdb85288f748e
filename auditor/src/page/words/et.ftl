### Auditi aruanne leheküljena. `$n` valib vormi, `$n-text` on arv nii, nagu seda kirjutatakse.

## Algus

kicker = Valimise avaliku protokolli sõltumatu audit
unknown-election = Valimine, mille nime ei saa lugeda
verdict-passed = Tulemus on õige
verdict-passed-means = Iga häält avalikul tahvlil jälgiti valija allkirjast avaldatud tulemuseni. Keegi ei lisanud, kõrvaldanud ega muutnud teel ühtegi häält ja lugemine on õige. Selleks ei pea usaldama neid, kes valimise korraldasid. Kes oli valijate nimekirjas ja kelle hääl tühistati, on nende allkirjastatud otsus, mida ükski protokoll kontrollida ei saa.
verdict-passed-count = { $all ->
    [one] Ainus kontroll tehti ja see õnnestus.
   *[other] Kõik { $all-text } kontrolli tehti ja need õnnestusid.
  }
verdict-failed = Midagi on valesti
verdict-failed-means = See protokoll ei tõenda oma tulemust. Allpool on kirjas, mis on valesti ja kes selle eest vastutab. Hoidke protokolli muutmata: see on tõend.
verdict-other-means = See on mõne teise valimise protokoll, mitte selle, mida küsiti. Võrrelge antud tunnust komisjoni avaldatuga ja vaadake, kust protokoll pärit on.
verdict-failed-count = { $failed ->
    [one] Üks kontroll { $all-text }-st ebaõnnestus.
   *[other] { $failed-text } kontrolli { $all-text }-st ebaõnnestus.
  }
verdict-incomplete = Kõike ei saanud kontrollida
verdict-incomplete-means = Seni ei leitud midagi valesti olevat, kuid protokoll ei ole täielik või valimine alles kestab. Ükski tulemus ei ole tõendatud.
verdict-incomplete-count = { $open ->
    [one] Ühte kontrolli { $all-text }-st ei saanud lõpuni teha.
   *[other] { $open-text } kontrolli { $all-text }-st ei saanud lõpuni teha.
  }
verdict-part-means = Kontrolliti ainult osa, nagu oli küsitud. Selles ei leitud seni midagi valesti olevat. Ükski tulemus ei ole tõendatud.
verdict-part-count = { $open ->
    [one] Üks kontroll { $all-text }-st ei ole täies ulatuses tehtud.
   *[other] { $open-text } kontrolli { $all-text }-st ei ole täies ulatuses tehtud.
  }
asked-for = Küsiti
election-id = Valimise tunnus
compare-id = Võrrelge seda tunnusega, mille valimiskomisjon avaldas. Muidu võib see olla mõne teise valimise protokoll.
id-was-given = See on otsitud tunnus.
id-is-another = See EI OLE otsitud tunnus: see on mõne teise valimise protokoll.
phase = Järk
phase-set-up = ettevalmistamisel
phase-voting = hääletamine kestab
phase-counting = lugemisel
phase-finished = lõppenud
phase-aborted = katkestatud
phase-until = nii kaugele, kui kandeid sai jälgida
voters = Valijaid nimekirjas
board = Avalik tahvel
board-entries = { $n ->
    [one] üks kirje; sõrmejälg (juur):
   *[other] { $n-text } kirjet; nende sõrmejälg (juur):
  }
time = Auditi kestus
seconds = s

## Vead

problems = Mis on valesti
not-done = Mida ei saanud kontrollida
not-asked = Mida ei küsitud
culprit = Vastutaja
problem = Viga
must-hold = Kehtima peab:
fails-means = Mida see tähendab:
check = Kontroll
and-more = { $n ->
    [one] ja veel üks
   *[other] ja veel { $n-text }
  }
in-english = Vead on allpool kirjas programmi enda sõnadega, inglise keeles.

## Keda nimetatakse

culprit-fault = Vea eest vastutab:
culprit-commission = valimiskomisjon ({ $name })
culprit-the-commission = valimiskomisjon
culprit-registrar = registripidaja ({ $name })
culprit-collector = koguja ({ $name })
culprit-trustee = usaldusisik { $n-text } ({ $name })
culprit-trustees = usaldusisikud
culprit-mix-server = segaja { $n-text } ({ $name })
culprit-voter = valija { $name }
culprit-contest = hääletus „{ $name }“
culprit-record = protokoll
culprit-program = see programm
culprit-file = fail { $name }
culprit-with = { $who }, { $of }
culprit-and = { $one } ja { $other }
culprit-or = { $one } või { $other }
culprit-and-either = { $one } ning kas { $other }
culprit-not-in-manifest = aluskirjas ei ole
culprit-contest-number = hääletus { $n-text }
culprit-doubt = { $sentence }; või see, kes selle koopia tegi: pole näidatud, et selle kirjed on need, mille kohta koguja allkirja andis
culprit-no-key = { $collector }, kes pani tahvlile: { $entry }; allkirjastajal ({ $who }) ei ole võtit
culprit-unsigned = { $collector }, kes pani tahvlile: { $entry }; { $who } ei ole seda selle valimise jaoks allkirjastanud
culprit-put = { $collector }, kes pani tahvlile: { $entry }
culprit-signed-itself = { $collector }, kes allkirjastas ise: { $entry }; { $who } ei ole seda selle valimise jaoks allkirjastanud
culprit-forged = { $other }, kelle allkiri on siin: { $entry }; ja { $collector }, kes selle vastu võttis; { $who } ei ole seda selle valimise jaoks allkirjastanud
culprit-repeated = { $collector }, kes kordas: { $first } ja { $entry } on seesama; { $who } allkirjastas selle ühe korra
culprit-no-time = { $collector }, kes võttis vastu ajal, mil ühtegi sedelit vastu võtta ei tohi: { $entry }
culprit-voter-before = { $collector }, kes jättis välja, kordas või nihutas midagi selle valija kohta enne seda: { $entry }; või { $collector } ja { $who }, kes selle niisugusena allkirjastas; kumb, seda protokoll ei näita
culprit-entries-before = { $collector }, kes muutis kirjeid enne seda: { $entry }; või { $collector } ja { $who }, kes selle niisugusena allkirjastas; kumb, seda protokoll ei näita
culprit-mix-before = { $collector }, kes jättis välja segamise enne seda: { $entry }; või { $collector } ja { $who }, kes selle niisugusena allkirjastas; kumb, seda protokoll ei näita
culprit-moved = { $collector }, kes nihutas seda või jättis välja selle, mis peab enne olema: { $entry }; või { $collector } ja { $who }, kes selle niisugusena allkirjastas; kumb, seda protokoll ei näita
culprit-either = { $collector }, kes võttis vastu: { $entry }; ja koos temaga kas { $who }, kes selle niisugusena allkirjastas, või { $other }; kumb, seda protokoll ei näita
culprit-signed = { $who }, kes allkirjastas: { $entry }; ja { $collector }, kes selle vastu võttis
culprit-longer = { $who }, kes allkirjastas pikema faili; ja { $collector }, kes selle vastu võttis
culprit-signed-for = { $who }, kes allkirjastas faili { $file }; ja { $collector }, kes selle vastu võttis
culprit-took = { $entry }; ja { $collector }, kes selle vastu võttis
culprit-copied-entries = { $collector }; või see, kes kirjetest selle koopia tegi
culprit-copied-cosignatures = { $collector }; või see, kes selle koopia tegi ja kaasallkirjad välja jättis
culprit-or-copier = { $collector }; või see, kes selle koopia tegi ({ $file })
culprit-copier-first = see, kes selle koopia tegi ({ $entry }); või koguja, kes selle sinna pani
culprit-put-first = koguja, kes pani esimeseks teise kirje; või see, kes selle koopia tegi ({ $entry })
culprit-manifest = valimiskomisjon, kui ta selle aluskirja allkirjastas; või koguja või see, kes selle koopia tegi ({ $file })
culprit-copier-or = see, kes selle koopia tegi ({ $file }); või { $sentence }
culprit-copier = see, kes selle koopia tegi ({ $file })
culprit-handed-out = see, kes selle protokolli või selle tunnuse andis
culprit-program-in = see programm ({ $who })
culprit-entry-another-list = { $entry }, segatud on teine loend kui see, mis tahvlil
culprit-entry-later-place = { $entry }, segamine hilisemal kohal kui oma
culprit-entry-withheld = { $entry } hääletuses, mida dekrüptida ei tohi
culprit-entry-not-last = { $entry }, mis on teisest loendist kui viimase segamise oma
culprit-entry-unfit = { $entry }, mis ei sobi varasemaga
culprit-other-mix-before = { $who }, kes allkirjastas enne seda teise segamise
culprit-other-closing = { $who }, kes allkirjastas teiste sedelitega sulgemise
culprit-other-left-out = { $who }, kelle segamine jäeti välja ja ei olnud midagi muutnud
culprit-other-mix = { $who }, kes allkirjastas teise segamise
culprit-other-roll = { $who } või mõni usaldusisik, kelle nimekiri või sõnum oli teine
culprit-other-trustee = mõni teine usaldusisik, kelle sõnum oli teine
culprit-entries-of = segamised või dekrüptimised, { $who }
culprit-entry = kirje { $n-text }
culprit-entry-in = kirje { $n-text }, failis { $file }
culprit-entry-kind = kirje { $n-text } ({ $kind })
culprit-entry-of = kirje { $n-text } ({ $kind }): { $who }
kind-manifest = aluskiri
kind-ceremony-commitments = võtme sidumised
kind-ceremony-shares = võtme osakud
kind-ceremony-confirmation = võtme kinnitus
kind-ceremony-complaint = kaebus võtme kohta
kind-roll = valijate nimekiri
kind-opening = avamine
kind-ballot = sedel
kind-cancellation = tühistamine
kind-closing = sulgemine
kind-mix = segamine
kind-partial-decryption = dekrüptimine
kind-result = tulemus

## Mis puudub

missing-never = { $what }, ja seda enam ei juhtugi: ühist võtit ei õnnestunud teha
missing-not-there = mida see vajab, seda protokollis ei ole
missing-see = mida see vajab, seda ei ole või see ei ole õige: vt { $checks }
missing-not-asked = tegemata: seda ei küsitud
missing-not-asked-for = tegemata, sest ei küsitud: { $contests }
missing-listing = protokolli faile ei saa loetleda: { $error }
missing-no-file = siin ei ole ühtki faili: kas see on ikka valimise protokolli kaust?
missing-first-entries = esimesed kirjed, tile/entries/000, puuduvad
missing-after = kirjed pärast kirjet { $n-text }, mis ei ole korras
missing-unread = kirjed, mida ei saa lugeda, võivad nimetada veel faile
missing-too-many = puudub nii palju faile, et seda ei saa öelda
missing-roll = valijate nimekirja ei ole tahvlil
missing-opened = hääletamist ei ole avatud
missing-closed = hääletamist ei ole suletud
missing-closed-further = hääletamist ei ole suletud: sedeleid võib veel tulla
missing-opening-key = avamine, mis nimetab võtme, millega sedelid krüpteeritakse
missing-proofs = kõigi sedelite tõendused ei pea paika, nii et pole teada, mida tuleb lugeda
missing-no-ciphertext = { $contest }: üks arvesse läinud sedel ei ole üldse krüptogramm ja ühtki selle segamist ei saa kontrollida (vt { $checks })
missing-trustees = { $contest }: dekrüptinud usaldusisikuid: { $found-text }, vaja: { $needed-text }
missing-mixed-list = { $contest }: lõpuni segatud loend
missing-combined = { $contest }: ühendatud dekrüptimised
missing-decryption = õige dekrüptimine: { $who }
missing-files = { $who }: selle faile ei saa kasutada
missing-result = avaldatud tulemus
missing-result-trustees = avaldatud tulemus, mis nimetab usaldusisikud, kelle dekrüptimised ühendatakse
missing-finished-set-up = valimine ei ole lõppenud: seda alles valmistatakse ette
missing-finished-voting = valimine ei ole lõppenud: hääletamine kestab
missing-finished-counting = valimine ei ole lõppenud: hääli alles loetakse
missing-finished-aborted = valimine ei ole lõppenud: see on katkestatud
missing-votes-one = 1 hääletuse hääled ({ $checks })
missing-votes = { $n-text } hääletuse hääled ({ $checks })
missing-numbers = õiged sedelite arvud ({ $checks })
missing-cosignatures = { $standing }; valimine ei ole lõppenud ja kaasallkirju võib veel tulla
missing-standing = kaasallkirja andnud tunnistajaid: { $found-text }, kokku: { $n-text }, vaja: { $needed-text }
missing-standing-and = { $one }; { $other }
missing-standing-cosigned = kaasallkirja andnud: { $names }
missing-standing-not = kaasallkirja andmata: { $names }
missing-standing-false = kaasallkiri, mis ei pea paika: { $names }
missing-answer-ballots = vastus, mis ei ole sedelite kohta
missing-answer-mixes = vastus, mis ei ole segamiste kohta
missing-answer-decryptions = vastus, mis ei ole dekrüptimiste kohta
missing-lost-answer = tõendusi ei kontrollitud: tööline andis vastuse, mis ei ole vastus tema ülesandele; kontrolli uuesti
missing-lost-worker = tõendusi ei kontrollitud: tööline lõpetas: { $reason }; kontrolli uuesti
missing-file-of = { $file } ({ $kind }: { $who }): { $error }
missing-file = { $file }: { $error }
missing-in-contest = { $contest }: { $who }
missing-error-missing = fail puudub
missing-error-too-long = fail on pikem kui { $n-text } baiti, mis on suurim lubatud pikkus
missing-error-not-plain = see ei ole tavaline fail
missing-error-read = faili ei saa lugeda: { $reason }

## Tulemus

result = Tulemus
no-result = Tõendatud tulemust ei ole.
result-proven = Arvutatud uuesti dekrüptitud häältest; langeb kokku avaldatud tulemusega.
list = Nimekiri
candidate = Kandidaat
votes = Hääled
share = Osa kehtivatest häältest
without-list = Kandidaadid väljaspool nimekirju
votes-when-elected = Hääli valituks osutumisel
first-preferences = Esimesi eelistusi
seats = Mandaadid
below-threshold = alla valimiskünnise
independent = üksikkandidaat
elected = Valitud
nobody-elected = Keegi ei osutunud valituks.
where-stood = Hääletus
won-by = Mandaadi liik
by-votes = enim hääli
by-round = eelistuste lugemine, { $n-text }. voor
by-list = nimekirja mandaat
by-personal = isikumandaat
by-district = ringkonnamandaat
by-compensation = kompensatsioonimandaat
ties = { $n ->
    [one] Üks häältevõrdsus otsustas midagi. See lahendati reegliga, mille aluskiri enne hääletamist määras.
   *[other] { $n-text } häältevõrdsust otsustasid midagi. Need lahendati reegliga, mille aluskiri enne hääletamist määras.
  }
ties-which = Häältevõrdsused
tie-seat = kes saab viimased kohad
tie-elimination = kes langeb { $n-text }. voorus välja
tie-election = kes osutub { $n-text }. voorus esimesena valituks
tie-list = milline nimekiri saab koha
tie-equal = Võrdsed:
tie-by = Otsustas:
tie-chosen = Otsus langes:
tie-candidate-order = kandidaatide järjekord aluskirjas
tie-lot = liisujärjekord aluskirjas
tie-earlier-round = hääled { $n-text }. voorus
tie-list-order = nimekirjade järjekord aluskirjas
vacant = { $n ->
    [one] Üks koht jääb täitmata.
   *[other] { $n-text } kohta jääb täitmata.
  }
withheld = Avaldamata: hääli on nii vähe, et dekrüptimine näitaks, kes kuidas hääletas.
undecided = Otsustamata: reegel ei anna nende häälte puhul vastust; hääled ise jäävad kehtima.
votes-in = Hääled hääletuste kaupa
ballots-in = { $n ->
    [one] üks sedel
   *[other] { $n-text } sedelit
  }
blank-in = { $n ->
    [one] neist üks tühi
   *[other] neist { $n-text } tühja
  }

## Häälte teekond

flow = Häälte teekond
flow-means = Iga arv tuleneb eelmisest. Auditi programm luges kõik uuesti.
flow-none = Protokoll ei ulatu nii kaugele, et seda näidata.
flow-cast = Antud hääled
flow-superseded = Asendatud sama valija hilisema häälega
flow-cancelled = Tühistatud, igaüks allkirjastatud avaliku kirjega
flow-counted = Arvesse minevad hääled
flow-votes = Hääled kõigis hääletustes
flow-votes-means = Ühel sedelil on hääl iga oma hääletuse jaoks.
flow-withheld = Dekrüptimata: hääletuses liiga vähe hääli
flow-mix = Segas { $name }
flow-mix-means = Samad hääled teises järjekorras, enam äratuntamatud.
flow-decrypted = Usaldusisikud dekrüptisid ühiselt
flow-mix-lost = Segamine: { $name }
flow-decrypted-lost = Usaldusisikute dekrüptimine
flow-undecodable = Ilma kehtiva valikuta
flow-blank = Tühjad
flow-valid = Kandidaatidele
flow-proven = tõendatud
flow-not-proven = tõendamata
flow-wrong = vale
flow-contests = Sama iga hääletuse kohta
flow-in-counted = Arvesse läinud
flow-in-mixed = Tõendatud segamisi
flow-in-decryptions = Tõendatud dekrüptimisi
flow-in-votes = Hääli

## Allkirjad

signers = Kes mille allkirjastas
signers-means = Iga allkirja kontrolliti valimise aluskirjas oleva võtmega, valijate omi valijate nimekirja võtmetega.
role = Roll
name = Nimi
signed = Allkirjastas
role-commission = Valimiskomisjon
role-registrar = Registripidaja
role-collector = Koguja (peab tahvlit)
role-voters = Valijad
role-mix_server = Segaja
role-trustee = Usaldusisik
role-witness = Tunnistaja
signed-manifest = aluskiri
signed-opening = avamine
signed-cancellations = { $n ->
    [one] üks tühistamine
   *[other] { $n-text } tühistamist
  }
signed-closing = sulgemine
signed-result = tulemus
signed-roll = valijate nimekiri
signed-ballots = { $n ->
    [one] üks sedel
   *[other] { $n-text } sedelit
  }
signed-checkpoint = tahvli sõrmejälg
signed-mixes = { $n ->
    [one] üks segamine
   *[other] { $n-text } segamist
  }
signed-ceremony = { $n ->
    [one] üks võtmetseremoonia sõnum
   *[other] { $n-text } võtmetseremoonia sõnumit
  }
signed-decryptions = { $n ->
    [one] üks dekrüptimine
   *[other] { $n-text } dekrüptimist
  }
signed-cosignature = tahvli sõrmejälg, nagu tema seda nägi

## Kontrollid

checks = Kõik kontrollid
checks-of = { $n ->
    [one] üks kontroll
   *[other] { $n-text } kontrolli
  }
status-passed = õige
status-failed = vale
status-not_run = tegemata
status-skipped = ei küsitud
on-trust = Usaldatud kontrollimata, sest seda ei küsitud:
looked-at = { $what }: { $n-text } / { $of-text }
what-entries = kirjed
what-bundles = kirjete kogumid
what-ballots = sedelid
what-checkpoint = allkirjastatud sõrmejälg
what-commitments = sidumised
what-confirmations = kinnitused
what-contests = hääletused
what-cosignatures = eri tunnistajate kaasallkirjad
what-decryptions = dekrüptimised
what-files = failid
what-tiles = räsiplaadid
what-id = tunnus
what-key = võti
what-manifest = aluskiri
what-mixes = segamised
what-result = tulemus
what-root = sõrmejälg
what-shares = osakute sõnumid
what-roll = valijate nimekiri
what-opening = avamine
what-closing = sulgemine
missing = Puudub
group-FILE = Failid
group-ELECTION = Valimine
group-BOARD = Avalik tahvel
group-ENTRY = Iga kirje tahvlil
group-CEREMONY = Kuidas võti tehti
group-VOTERS = Kes võib hääletada
group-PERIOD = Millal sai hääletada
group-CAST = Sedelid
group-MIX = Segamine
group-DECRYPT = Dekrüptimine
group-OUTCOME = Tulemus
check-FILE-1 = Protokoll koosneb tavalistest failidest
check-FILE-1-means = Kaustas ei ole midagi, mis viitab mujale või on peidus.
check-FILE-1-fails = Miski selles koopias võib mujale viia. Tulemuse vastu see ei räägi; hankige puhas koopia.
check-FILE-2 = Ükski fail ei puudu
check-FILE-2-means = Kõik, millest tahvel räägib, on olemas.
check-FILE-2-fails = Koopia ei ole terviklik, nii et sellest ei saa tulemust tõendada; hankige teine.
check-FILE-3 = Ühtegi võõrast faili ei ole
check-FILE-3-means = Keegi ei saa protokolli kõrvale midagi allkirjastamata poetada.
check-FILE-3-fails = Protokolli kõrval on midagi, mida keegi ei allkirjastanud. Tulemuse vastu see ei räägi, kuid protokolli osaks ei tohi seda pidada.
check-FILE-4 = Igas failis on see, mida selle nimi ütleb
check-FILE-4-means = Iga faili sõrmejälg arvutati ja see on faili nimi, nii et ühtegi faili ei ole vahetatud.
check-FILE-4-fails = Fail ei ole see, mille kohta allkiri anti, nii et sellele toetuv ei ole tõendatud; võrrelge teise koopiaga.
check-ELECTION-1 = Tahvel algab kehtiva aluskirjaga
check-ELECTION-1-means = Komisjon määras ja allkirjastas valimise reeglid enne kõike muud.
check-ELECTION-1-fails = Ilma kehtivate reegliteta ei saa siin midagi kontrollida ja ükski tulemus ei ole tõendatud.
check-ELECTION-2 = See on otsitud valimine
check-ELECTION-2-means = See ei ole mõne teise valimise protokoll.
check-ELECTION-2-fails = See protokoll ei ütle otsitud valimise kohta midagi.
check-BOARD-1 = Kontrollpunkti on allkirjastanud koguja
check-BOARD-1-means = Koguja vastutab oma allkirjaga just selle tahvli eest.
check-BOARD-1-fails = Keegi ei vastuta selle tahvli eest, nii et pole kindel, et siin on see avalik tahvel.
check-BOARD-2 = Kõik kirjed on olemas ja loetavad
check-BOARD-2-means = Tahvel on nii pikk, nagu allkirjastati.
check-BOARD-2-fails = Kirjeid ei saa lugeda, nii et tulemusest võib puududa see, mida need ütlevad.
check-BOARD-3 = Kirjed annavad kontrollpunkti juure
check-BOARD-3-means = Kõigi kirjete sõrmejälg arvutati uuesti ja see on allkirjastatud sõrmejälg: midagi ei ole hiljem muudetud, lisatud ega eemaldatud.
check-BOARD-3-fails = Kirjed ei ole need, mille kohta allkiri anti: sedeleid või muud võib olla muudetud, lisatud või eemaldatud.
check-BOARD-4 = Iga räsiplaat on kirjete oma
check-BOARD-4-means = See, mille vastu valijate kviitungeid kontrollitakse, kuulub samade kirjete juurde.
check-BOARD-4-fails = Nende failide vastu kontrollitud kviitung võib saada vale vastuse; kirjeid endid see ei puuduta.
check-BOARD-5 = Piisavalt tunnistajaid on kontrollpunkti kaasallkirjastanud
check-BOARD-5-means = Sõltumatud tunnistajad nägid sama tahvlit, nii et kellelegi ei näidatud teistsugust.
check-BOARD-5-fails = Liiga vähe sõltumatuid tunnistajaid nägi seda tahvlit, nii et teistele võidi näidata teistsugust.
check-ENTRY-1 = Iga kirje on õige kujuga
check-ENTRY-1-means = Iga kirjet saab lugeda ainult ühtmoodi.
check-ENTRY-1-fails = Kirjet ei saa lugeda, nii et pole kindel, et järgnev arvesse läheb nii, nagu peab.
check-ENTRY-2 = Iga kirje on allkirjastanud see, kes peab
check-ENTRY-2-means = Keegi ei tegutsenud kellegi teise nimel.
check-ENTRY-2-fails = Keegi tegutses teise nimel. See, mida kirje ütleb, sedel või lugemine, ei kehti.
check-ENTRY-3 = Iga kirje tohib seista oma kohal
check-ENTRY-3-means = Kõik toimus õiges järjekorras ja midagi ei tehtud kaks korda.
check-ENTRY-3-fails = Järjekorda rikuti: midagi tuli liiga vara, liiga hilja või kaks korda ja tulemus võib sellele toetuda.
check-CEREMONY-1 = Iga usaldusisik tõendas, et teab oma osa võtmest
check-CEREMONY-1-means = Ükski usaldusisik ei saanud oma osa valida nii, et võti oleks tema üksi käes.
check-CEREMONY-1-fails = Usaldusisiku käes võib olla rohkem kui tema osa võtmest: häälte saladus ei ole kindel.
check-CEREMONY-2 = Iga usaldusisik jagas oma osakud välja ja kinnitas teiste omi
check-CEREMONY-2-means = Kõik usaldusisikud leppisid enne hääletamist kokku ühes võtmes.
check-CEREMONY-2-fails = Usaldusisikud ei leppinud ühes võtmes kokku: häälte saladus ja see, et neid saab dekrüptida, ei ole kindel.
check-CEREMONY-3 = Ühine võti on usaldusisikute osade summa
check-CEREMONY-3-means = Hääled krüpteeriti võtmega, mida keegi üksi avada ei saa.
check-CEREMONY-3-fails = Hääled krüpteeriti muu kui usaldusisikute võtmega: keegi võib neid üksi lugeda.
check-VOTERS-1 = Valijate nimekiri on korras ja sobib aluskirjaga
check-VOTERS-1-means = Iga valija on nimekirjas üks kord ja oma võtmega.
check-VOTERS-1-fails = Pole kindel, kes tohtis hääletada: valijaid võib puududa või olla kaks korda.
check-PERIOD-1 = Hääletamine avati selle nimekirja ja võtmega lubatud ajal
check-PERIOD-1-means = Nimekiri ja võti olid enne esimest häält paigas.
check-PERIOD-1-fails = Sedeleid võidi anda muu nimekirja või võtmega, kui määrati, või ajal, mil ei tohtinud.
check-PERIOD-2 = Hääletamine suleti täpselt nende kirjetega lubatud ajal
check-PERIOD-2-means = Komisjon allkirjastas, kus hääletamine lõppes; ükski sedel ei tulnud hiljem.
check-PERIOD-2-fails = Sedeleid võidi pärast hääletamise lõppu lisada või välja jätta.
check-CAST-1 = Igal sedelil on kehtiv valik, mille tegi selle valija
check-CAST-1-means = Iga krüpteeritud sedel tõendab, et selles on olemasolev valik, näitamata, milline.
check-CAST-1-fails = Sedelil võib olla mitu häält või olematu valik, mis muudab tulemust.
check-CAST-2 = Iga sedel on nimekirjas oleva valija oma, talle ette nähtud liiki ja järgneb tema eelmisele
check-CAST-2-means = Hääletasid ainult need, kes tohivad, oma sedelil, ja ühtegi vana sedelit ei toodud tagasi.
check-CAST-2-fails = Sedel on kelleltki, kes nii hääletada ei tohtinud, või vana: see võis tulemust muuta.
check-CAST-3 = Arvesse läinud, asendatud ja tühistatud sedelid annavad kokku antud sedelid
check-CAST-3-means = Igal valijal on ülimalt üks arvesse minev sedel, viimane, ja ühtegi ei jäetud välja.
check-CAST-3-fails = Sedeleid jäeti välja, loeti kaks korda või avaldati valede arvudena: tulemus ei tulene antud sedelitest.
check-MIX-1 = Iga hääletus läbis kõik segajad, alates arvesse minevatest sedelitest
check-MIX-1-means = Iga segaja võttis üle täpselt selle, mille eelmine edasi andis.
check-MIX-1-fails = Segati midagi muud, kui lugeda tuli: hääli võidi teel vahetada. Tulemus ei ole tõendatud.
check-MIX-2 = Iga segamine ainult segas
check-MIX-2-means = Iga segaja tõendas, et muutis ainult järjekorda, näitamata, kuidas.
check-MIX-2-fails = Selles segamises võidi hääli lisada, eemaldada või vahetada. Selle hääletuse tulemus ei ole tõendatud.
check-DECRYPT-1 = Iga hääletuse dekrüptis piisavalt usaldusisikuid
check-DECRYPT-1-means = Osales kokkulepitud arv usaldusisikuid.
check-DECRYPT-1-fails = Hääletuse hääli ei saa avada nii paljud, kui peavad seda koos tegema. Selle tulemus ei ole tõendatud.
check-DECRYPT-2 = Iga dekrüptimine on õige
check-DECRYPT-2-means = Iga usaldusisik tõendas, et kasutas oma võtmeosakut ja segatud hääli.
check-DECRYPT-2-fails = Hääled võidi avada muudena, kui need on. Selle hääletuse tulemus ei ole tõendatud.
check-OUTCOME-1 = Allkirjastatud tulemus on viimane kirje
check-OUTCOME-1-means = Komisjon allkirjastas tulemuse ja pärast seda ei tulnud enam midagi.
check-OUTCOME-1-fails = Ükski allkirjastatud tulemus ei lõpeta protokolli: mujal avaldatud tulemus ei tulene sellest.
check-OUTCOME-2 = Hääled tulenevad dekrüptimistest, mida tulemus nimetab
check-OUTCOME-2-means = Dekrüptitud hääled pandi uuesti kokku.
check-OUTCOME-2-fails = Avaldatud hääled ei ole need, mille usaldusisikud dekrüptisid. Tulemus ei ole tõendatud.
check-OUTCOME-3 = Avaldatud tulemus on see, mille need hääled annavad
check-OUTCOME-3-means = Kõik hääled loeti aluskirja reeglite järgi uuesti, viimase mandaadini.
check-OUTCOME-3-fails = Avaldatud tulemus ei ole see, mille hääled annavad.

## Edasi

further = Kuidas ise edasi kontrollida
further-evidence = Hoidke protokolli muutmata ja teatage valimiskomisjonile, ajakirjandusele või kohtule. Igaüks, kes seda kontrollib, leiab sama.
further-id = Võrrelge ülal olevat valimise tunnust sellega, mille komisjon enne hääletamist avaldas.
further-checkpoint = Võrrelge tahvli sõrmejälge sellega, mida nägid teised: teised vaatlejad, tunnistajad, teie enda varasem koopia.
further-receipt = Kui te hääletasite, kontrollige oma kviitungit selle protokolli vastu. See näitab, et teie krüpteeritud sedel on siin ja läks arvesse.
further-again = Tehke audit ise, oma arvutis, sama protokolliga:
further-own = Või laske kellelgi, keda usaldate, kirjutada oma kontrollprogramm: kirjeldus ja näidisandmed on avalikud.
notes = Märkused
limits = Mida ükski protokoll näidata ei saa
limit-device = Et valija enda seade krüpteeris selle, mida valija valis. Selleks on kontroll teise seadmega.
limit-roll = Et kõigil nimekirjas olijatel oli hääleõigus ja kellelgi teisel mitte: selle eest vastutab registripidaja.
limit-cancelled = Et valijad, kelle hääled tühistati, hääletasid paberil.
limit-newest = Et uuemat protokolli ei ole. Varem läbi lõigatud protokoll on puudulik ja seda ka öeldakse.
made-by = Koostas Selge auditi programm, versioon
