### Hääletamise leht.

## Iga sammu ümber

skip = Liigu sisu juurde
language = Keel
voting = Hääletamine
loading = Üks hetk
loading-means = Valimise andmeid laaditakse.
open-until = Hääletamise lõpp: { DATETIME($date, weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "numeric", timeZoneName: "short") }.
no-cookies = See leht ei kasuta küpsiseid ega laadi midagi võõrast kohast.
step = Samm { $now } / { $total }
start = Alusta
continue = Edasi
back = Tagasi
change = Muuda
change-of = Muuda: { $title }
checking = Kontrollin

## Algus

welcome-lead = Te hääletate selles seadmes. Teie valik krüpteeritakse siin enne ärasaatmist. See võtab umbes kaks minutit.
welcome-until = Hääletamise lõpp: { DATETIME($date, weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "numeric", timeZoneName: "short") }.
welcome-secret = Keegi ei näe, kelle poolt te hääletate. Valige koht, kus keegi üle õla ei vaata.
welcome-again = Võite hääletada uuesti nii mitu korda kui soovite. Arvesse läheb ainult viimane hääl.
not-open-yet = Hääletamine ei ole veel alanud. Algus: { DATETIME($date, weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "numeric", timeZoneName: "short") }. Tulge siis tagasi.
has-closed = Hääletamine on lõppenud. Kavandatud lõpp: { DATETIME($date, weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "numeric", timeZoneName: "short") }. Hääli enam vastu ei võeta.

## Kust ma seda tean?

how-do-i-know = Kust ma seda tean?
know-device = Teie hääl krüpteeritakse selles seadmes. Lehe pidajad ei saa lugeda seda, mis siit välja läheb.
know-open = Hääled saavad avada { $trustees } võtmehoidjast { $threshold } üheskoos, pärast seda kui { $mixes ->
    [one] sõltumatu server on
   *[other] { $mixes } sõltumatut serverit on
} need seganud, nii et ühtki häält ei saa hääletajaga kokku viia.
know-check = Kõik, mida on tulemuse kontrollimiseks vaja, avaldatakse. Igaüks saab seda oma programmiga kontrollida.
know-election = Valimine
know-release = Selle lehe versioon

## Hääletamiskood

credential-title = Teie hääletamiskood
credential-lead = Olete selle valimise jaoks saanud hääletamiskoodi. See näitab, et olete valijate nimekirjas.
credential-code = Kleepige kood siia
credential-help = Kood algab märkidega „selge1.“. Võite kleepida ka kogu lingi või sõnumi, milles see on.
credential-file = Või valige fail, milles see on, või oma võtmefail
scan-start = Loe QR-kood kaameraga
scan-stop = Lülita kaamera välja
scan-lead = Hoidke QR-koodi kaamera ees. Pildid jäävad sellesse seadmesse.
passphrase-title = Teie võtmefail
passphrase-field = Selle faili parool
passphrase-help = Fail on krüpteeritud. Parool on see, mis valiti faili tegemisel. See jääb sellesse seadmesse.
credential-none = Mul ei ole koodi või olen selle kaotanud
credential-none-means = Pöörduge valimiskomisjoni poole. Sealt saate teada, kuidas kood saada, ja paberil saate hääletada alati.

## Valimine

contest-of = Küsimus { $now } / { $total }
earlier = Te olete juba hääletanud. Võite hääletada uuesti: siis läheb arvesse ainult uus hääl.
rule-one = Valige üks.
rule-many = { $max ->
    [one] Valige üks.
   *[other] Valige kuni { $max }.
}
rule-approve = Valige kõik, kellega nõustute, nii palju kui soovite.
rule-rank = { $max ->
    [one] Valige üks.
   *[other] Pange kuni { $max } oma järjekorda, parim kõige ette.
}
rule-score = Andke igaühele hinne 0 kuni { $max }. Parim on { $max }.
search = Otsige nime, numbri või nimekirja järgi
search-found = { $count ->
    [0] Ei leitud ühtegi
    [one] Leiti { $count }
   *[other] Leiti { $count }
}
blank = Tühi hääl
blank-means = Ma ei hääleta siin kellegi poolt
ranking = Teie järjekord
candidates = Kandidaadid
rank-empty = Veel ei ole kedagi. Valige altpoolt, kes on esimene.
rank-add = Pane { $place }. kohale
rank-added = { $name } on { $place }. kohal
rank-moved = { $name } on nüüd { $place }. kohal, kokku { $count }
rank-removed = { $name } on järjekorrast välja võetud
rank-up = { $name }: üles, praegu { $place }. kohal
rank-down = { $name }: alla, praegu { $place }. kohal
rank-remove = { $name }: võta välja
counter = Valitud { $count }, lubatud { $max }
score-of = { $score ->
    [one] { $score } punkt
   *[other] { $score } punkti
}
fault-none = { $blank ->
    [true] Te ei ole kedagi valinud. Valige või märkige „Tühi hääl“.
   *[false] Te ei ole kedagi valinud. Valige vähemalt üks.
}
fault-no-score = { $blank ->
    [true] Te ei ole ühtegi hinnet andnud. Andke hinne või märkige „Tühi hääl“.
   *[false] Te ei ole ühtegi hinnet andnud. Andke vähemalt üks.
}
fault-too-many = Olete valinud { $count }, lubatud on kuni { $max }. { $extra ->
    [one] Võtke üks välja.
   *[other] Võtke { $extra } välja.
}
notice-blank = Te ei hääleta siin kellegi poolt. See on lubatud ja loetakse tühjaks hääleks.
notice-zero = { $count ->
    [one] Üks, kellele te hinnet ei andnud, saab 0.
   *[other] { $count }, kellele te hinnet ei andnud, saavad 0.
}
notice-under = Olete valinud { $count }, lubatud on kuni { $max }. See sobib; võite veel juurde valida.

## Ülevaatus

review-title = Kas see on teie hääl?
review-lead = Midagi ei ole veel ära saadetud.
earlier-replaced = See hääl asendab teie varasema.
cast = Anna hääl

## Hääle andmine

casting-title = Teie häält saadetakse
casting-kept = Teie viimast häält saadetakse
casting-kept-means = Selles seadmes oli antud, kuid kinnitamata hääl. See saadetakse uuesti; midagi ei loeta kaks korda.
casting-encrypting = Krüpteerin selles seadmes
casting-sending = Saadan ja kontrollin kviitungit
casting-lost = Praegu ei ole ühendust. Teie krüpteeritud hääl on selles seadmes alles ja saadetakse kohe, kui ühendus tekib. Võite lehe ka sulgeda ja hiljem, enne hääletamise lõppu, uuesti avada.
casting-busy = Praegu hääletab palju inimesi. Teie hääl on alles ja saadetakse hetke pärast uuesti.

## Ei võetud vastu

refused-title = Teie häält ei võetud vastu
refused-other = Teine hääl on kirjas selle numbri all:
back-to-review = Tagasi minu valikute juurde
back-to-start = Tagasi algusse

## Vastu võetud

recorded-title = Teie hääl on vastu võetud
recorded-lead = See on valimiskastis ja teil on selle kohta allkirjastatud kviitung.
tracker = Teie jälgimisnumber
tracker-means = Selle numbriga leiab igaüks teie krüpteeritud hääle valimiskastist. See ei näita, kelle poolt te hääletasite.
download = Laadi kviitung alla
now-what = Mis edasi?
now-keep = Hoidke kviitung alles. Sellega saate tõendada, et teie hääl võeti vastu.
now-again = Võite uuesti hääletada. Hääletamise lõpp: { DATETIME($date, weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "numeric", timeZoneName: "short") }. Arvesse läheb ainult viimane hääl.
now-paper = Kui hääletate paberil, läheb arvesse paberhääl ja see hääl mitte.
vote-again = Hääleta uuesti
know-receipt = Kviitungi on allkirjastanud valimiskast. See tõendab, et teie krüpteeritud hääl on avaliku arhiivi kirje { $index }, ja see leht kontrollis seda, enne kui seda ütles.
know-program = Programm „voter-client“ kontrollib kviitungit hiljem uuesti, ilma selle leheta. Selleks on vaja kviitungit ja krüpteeritud häält.
download-ballot = Laadi krüpteeritud hääl alla

## Teises seadmes

check-open = Kontrolli teises seadmes tehtud häält
check-title = Kontrollige häält sellest seadmest
check-lead = Avage seadmes, millega hääletate, „Kontrolli seda seadet enne hääle andmist“ või pärast hääle andmist „Kontrolli teises seadmes“ ja sisestage see kood:
check-qr = Kood QR-koodina
check-waiting = Ootan teist seadet. Kood kehtib pool tundi.
check-shown = Teine seade on hääle krüpteerinud
check-shown-means = See peab näitama sama numbrit. Otsustage siis seal: andke see krüpteeritud hääl või laske see siin avada.
check-opened = Krüpteeritud hääl avati ja selles oli:
check-opened-means = See hääl visatakse ära ja seda ei tohi enam anda; kui seda siiski tehakse, siis see seade teatab teile. Kui selles ei ole see, mida valisite, siis hääletage teises seadmes ja teatage valimiskomisjonile.
practice-title = Miks see kedagi teist ei veena?
practice-lead = Kelle käes see seade on, saab sellel sama hääle kohta näidata ükskõik mis muud valikut. Proovige: valige, mida tahate. See, mida siis näete, on täpselt nagu tõeline kontroll.
practice-start = Näita kontrolli teise valikuga
practice-real = Näita, mis hääles tegelikult on
practice-over = Pool tundi on läbi ja see seade on unustanud, mida väljamõeldud kontrolliks vaja on. Uue kontrolliga saab seda jälle teha.
practice-choose = See on harjutus: ühtegi häält see ei muuda. Valige, mida väljamõeldud kontroll näitama peab.
check-heard = Hääl on vastu võetud ja selles on:
check-heard-lead = See seade võttis krüpteeritud hääle ise avalikust arhiivist.
check-cancelled = Selle hääletaja elektroonilised hääled on tühistatud: see hääl ei lähe arvesse.
check-older = Selle hääletaja hilisem hääl on vastu võetud: see hääl ei lähe arvesse.
check-voter = Hääletaja number
check-voter-means = Võrrelge seda numbriga valijakaardil. Teine number tähendab teise inimese häält.
check-only-you = See veenab ainult teid. Selle seadme hoidja oleks võinud sama teha iga teise valiku kohta, nii et kellelegi teisele see teie häält ei tõenda.
check-failed = Kontroll ei õnnestunud
check-again = Uus kontroll
second-title = Kontrolli teises seadmes
second-lead = Avage selle lehe aadress teises seadmes, valige „Kontrolli teises seadmes tehtud häält“ ja sisestage siia kood, mida see näitab. Teie valikut näeb ainult see seade. Seda saab teha, kuni te selle lehe sulgete.
second-code = Kood teises seadmes
second-send = Näita minu häält seal
second-sent = Teine seade sai, mida vaja. Lugege sealt, mis teie hääles on.
challenge-title = Kontrolli seda seadet enne hääle andmist
challenge-lead = Võite proovida, kas see seade krüpteerib selle, mida te valisite. Avage selle lehe aadress teises seadmes, valige „Kontrolli teises seadmes tehtud häält“ ja sisestage siia kood, mida see näitab. Häält sellega ei anta.
challenge-show = Krüpteeri ja näita seal numbrit
challenge-shown = Teie hääl on krüpteeritud. Teine seade peab näitama sama numbrit:
challenge-decide = Kui näitab, siis otsustage: andke see krüpteeritud hääl ülaloleva nupuga või laske see teises seadmes avada.
challenge-open = Ava see seal ja ära anna
challenge-open-means = Mis on avatud, seda enam anda ei saa. Teie valikud jäävad alles ja krüpteeritakse uuesti. Kuna see seade ei tea ette, kuidas te otsustate, ei saa see märkamatult petta.
challenge-opened = Teine seade näitab, mis krüpteeritud hääles oli. See hääl visatakse ära. Teie valikud on alles: kontrollige veel kord või andke hääl, siis krüpteeritakse need uuesti.

## Takistused

problem-title = Praegu see ei õnnestu
fault-detail = Abistajale (inglise keeles)
trying-again = Leht proovib ise edasi.
problem = { $name ->
    [lost] Valimiskastiga ei saa ühendust. Kontrollige oma internetiühendust.
    [busy] Praegu hääletab palju inimesi. Palun oodake veidi.
    [other-election] Teie link on teise valimise jaoks kui see leht. Ärge siin hääletage; kontrollige linki valimiskomisjonist.
    [false-board] See, mida valimiskast näitab, ei saa õige olla. Ärge siin hääletage ja teatage valimiskomisjonile, mis allpool kirjas on.
    [not-open] Hääletamine ei ole veel alanud. Tulge tagasi, kui see on alanud.
    [closed] Hääletamine on lõppenud. Hääli enam vastu ei võeta.
    [code-none] Siin ei ole hääletamiskoodi. Kood algab märkidega „selge1.“. Kopeerige see saadud sõnumist.
    [code-length] Kood ei ole terve. Kopeerige see tervikuna, märkidest „selge1.“ kuni viimase täheni.
    [code-mistyped] Mõni täht selles koodis on vale. Kopeerige ja kleepige kood, ärge trükkige seda.
    [camera] Kaamerat ei saa kasutada. Lubage lehel seda kasutada või kleepige või sisestage kood.
    [file-passphrase] See ei ole selle faili parool või on fail rikutud. Proovige uuesti.
    [file-role] See fail on millegi muu kui hääletamise võti. Valige oma võtmefail.
    [file-unknown] See ei ole võtmefail või on see rikutud. Valige teine fail või kleepige kood.
    [file-work] See fail on tehtud nii, et brauseril ei jätku selle avamiseks mälu. Tehke sellest kood programmiga „voter-client code“.
    [not-on-roll] Kood on õige kujuga, kuid seda ei ole selle valimise nimekirjas. Võib-olla on see teise valimise kood. Kui ei ole, pöörduge valimiskomisjoni poole.
    [cancelled] Teie elektroonilised hääled on tühistatud, nagu tehakse siis, kui hääletatakse paberil. Kui te ei ole paberil hääletanud, teatage valimiskomisjonile.
    [stale] Vahepeal anti teie koodiga teine hääl. Kui see olite teie teises seadmes, andke see hääl uuesti, et teine asendada. Kui see ei olnud teie, on teie kood kellegi teise käes: hääletage kohe uuesti ja teatage valimiskomisjonile.
    [refused] Valimiskast ei võtnud häält vastu. Teie valikud on alles; proovige uuesti. Kui see kordub, teatage valimiskomisjonile, mis allpool kirjas on.
    [false-receipt] Valimiskasti antud kviitung on vale. Teie hääl ei ole vastu võetud. Teatage valimiskomisjonile, mis allpool kirjas on.
    [kept-damaged] Selles seadmes hoitud hääl on rikutud. Palun hääletage uuesti.
    [choices] Nendest valikutest ei saa häält. Minge tagasi ja kontrollige neid.
    [check-code] See ei ole kood, mida teine seade näitab. Võrrelge seda või tehke seal uus.
    [check-gone] Selle koodiga seadet ei ole või on pool tundi möödas. Tehke teises seadmes uus kood.
    [check-broken] Hääletamise lehe sõnumit ei saanud siin lugeda. Tehke uus kood ja proovige uuesti.
    [check-false] Kontroll ebaõnnestus: vastu võetud hääl ei ole see, mida hääletamise leht ütleb. Hääletage uuesti teises seadmes ja teatage valimiskomisjonile, mis allpool kirjas on.
    [check-full] Seda koodi on kasutatud liiga palju kordi. Tehke teises seadmes uus.
    [check-opening] Kontroll ebaõnnestus: avatud hääles ei ole see, mida teine seade ütleb. Hääletage teises seadmes ja teatage valimiskomisjonile, mis allpool kirjas on.
    [check-opened] Vastu võetud hääl on varem avatud ja seda ei oleks tohtinud anda. Hääletage uuesti teises seadmes ja teatage valimiskomisjonile, mis allpool kirjas on.
   *[internal] Sellel lehel läks midagi valesti. Laadige leht uuesti. Kui see kordub, kasutage teist brauserit või hääletage paberil.
}
