### Leht, mis auditeerib brauseris. Igas keeles on samad tekstid; kui mõni puudub, ei läbi leht testi.

## Kõige ümber

skip = Otse sisu juurde
language = Keel
kicker = Audit brauseris
title = Kontrollige valimist ise
lead = Andke sellele lehele valimise avalik protokoll. Leht kontrollib kogu protokolli teie enda seadmes: iga allkirja, iga krüpteeritud hääletussedelit, iga segamist, iga dekrüpteerimist ja tulemust. Kellelegi ei saadeta midagi.

## Milline valimine

election = Valimise tunnus
election-help = 64 numbrit ja tähte, nagu valimiskomisjon need enne hääletamist avaldas. Ilma tunnuseta kontrollib leht kõike muud ja tunnuse võrdlemine jääb teie teha.

## Kus protokoll on

address-title = Protokoll internetis
address = Protokolli aadress
address-help = Selle kausta aadress, kus on fail „checkpoint“. Server peab lubama teistel lehtedel seda lugeda.
address-start = Laadi ja kontrolli
folder-title = Protokoll selles seadmes
folder-help = Valige kaust või lohistage see kuhu tahes sellel lehel. See jääb teie seadmesse.
folder-start = Vali kaust

## Töö käib

checking = Protokolli kontrollitakse
checking-means = Hoidke see leht lahti. Samal ajal võite teha midagi muud.
workers = { $n ->
    [one] Tõestusi kontrollib üks tööline.
   *[other] Tõestusi kontrollib { $n-text } töölist kõrvuti.
  }
quiet = Kontrollist pole { $n-text } minutit midagi kuulda olnud. Suure miksimise kontroll aeglases seadmes võib nii kaua võtta. Kui see jätkub, katkestage, sulgege teised programmid ja alustage uuesti või kasutage käsku „auditor verify“.
step-fetch = Protokolli laadimine
step-entries = Avaliku tahvli iga kirje lugemine
step-ballots = Sedelite tõestuste kontrollimine
step-contests = Segamiste ja dekrüpteerimiste kontrollimine
parts = { $done-text } / { $total-text }
megabytes = seni { $n-text } MB
stop = Peata

## Aruanne

report-ready = Audit on lõppenud. Järgneb aruanne.
of-record = Kontrollitud selles seadmes: { $name }
save-page = Salvesta aruanne lehena
save-json = Salvesta aruanne andmetena (JSON)
another = Kontrolli teist protokolli

## Hääletamise leht

release-title = Kas see hääletamise leht on see, mis avaldati?
release-means = Võrdleb seda, mille server sellele brauserile annab, räsidega, mille hääletamise lehe läbivaataja on allkirjastanud.
release-open = Võrdle hääletamise lehte
release-lead = Hääletamise lehe läbivaataja on allkirjastanud lehe failide räsid. See leht laadib failid ja võrdleb igaüht sellega, mis allkirjastati.
release-address = Hääletamise lehe aadress
release-address-help = Nii nagu hääletajad selle avavad. Märgile # järgnev jäetakse välja ja seda ei saadeta kellelegi. Server peab lubama teistel lehtedel faile lugeda.
release-key = Väljalaske avalik võti
release-key-help = Rida kujul name+id+base64. Võtke see allikast, mida usaldate, mitte hääletamise lehelt endalt.
release-start = Laadi ja võrdle
release-back = Valimise protokolli juurde
release-checking = Hääletamise lehte võrreldakse
release-ready = Võrdlus on lõppenud. Järgneb vastus.
release-same = Jah, see on allkirjastatud hääletamise leht
release-same-means = Iga fail, mille server sellele brauserile andis, on see, mis allkirjastati. Võrreldud faile: { $all-text }.
release-other = Ei, see ei ole allkirjastatud hääletamise leht
release-other-means = Faile, mis ei ole need, mis allkirjastati: { $n-text } / { $all-text }. Ärge sellel lehel hääletage. Salvestage või printige see, mida siin näete, ja teatage valimiskomisjonile.
release-now = See kontroll näitab, mida server sellele brauserile praegu annab. Teistele või hiljem võib ta anda midagi muud, ja ta võib seda kontrolli hääletaja külastusest eristada. Kontrollige uuesti muul ajal ja teistest võrkudest, ka käsuga „auditor release check“.
release-signer = Allkirjastaja
release-version = Versioon
release-version-means = Hääletamise leht näitab oma versiooni pealkirja „Kust ma seda tean?“ all. Võrrelge neid kaht.
release-files = Kõik failid
release-copies = Tihendatud koopiaid, mis on samuti allkirjastatud ja mida ei laaditud: { $n-text }. Brauserid saavad need lahtipakituna; siin võrreldakse seda, mis neist välja tuli.
release-file = Fail
release-found = Leitud
release-digest = Allkirjastatud räsi (SHA-256)
release-instead = Selle asemel laaditi:
release-found-same = sama
release-found-other = teine
release-found-missing = puudub
release-again = Kontrolli teist hääletamise lehte

## Vead

problem = Seda ei saanud teha
problem-election = See ei ole valimise tunnus. Tunnuses on 64 numbrit ja tähte a-st f-ni.
problem-address = Sellelt aadressilt ei saa leht midagi laadida. Aadress algab https:// või http://.
problem-no-record = Sellel aadressil ei ole valimise protokolli.
problem-lost = Protokolli ei saa laadida. Server võib olla maas või ei luba teistel lehtedel seda lugeda. Võite protokolli alla laadida ja valida selle kausta.
problem-too-large = See protokoll on brauseri jaoks liiga suur. Kontrollige seda käsuga „auditor verify“.
problem-no-folder = Selles kaustas ei ole valimise protokolli. Protokollis on fail „checkpoint“ ning kaustad „tile“ ja „files“.
problem-release-key = See ei ole väljalaske avalik võti. Selle kuju on name+id+base64. Kopeerige terve rida nii, nagu hääletamise lehe allkirjastaja selle avaldas.
problem-release-none = Sellel aadressil ei ole allkirjastatud väljalaset (release.note), seega midagi ei võrreldud. Kas hääletajad avavad just selle aadressi? Kui jah, küsige allkirjastatud väljalaset hääletamise lehe pidajalt.
problem-release-unsigned = Sellel aadressil olev väljalase ei ole selle võtmega allkirjastatud. Võrrelge võtit sellega, mille selle omanik avaldas. Kui võti on õige, ärge sellel lehel hääletage ja teatage valimiskomisjonile.
problem-release-malformed = Seda, mis sellel aadressil väljalaskena on, ei saa lugeda, seega midagi ei võrreldud. Kas hääletajad avavad just selle aadressi? Kui jah, teatage valimiskomisjonile.
problem-release-lost = Hääletamise lehte ei saa laadida, seega vastust ei ole. Kontrollige aadressi. Server võib olla maas või ei luba teistel lehtedel faile lugeda. Käsk „auditor release check“ sellist luba ei vaja.
problem-release-large = Sellel aadressil on fail, mis on suurem kui hääletamise lehe failid olla saavad, seega vastust ei ole. Teatage valimiskomisjonile ja kontrollige käsuga „auditor release check“.
problem-internal = Audit lõppes selle lehe veaga, seega ei ole protokolli kohta midagi teada. Proovige uuesti või kasutage käsku „auditor verify“.
problem-details = Üksikasjad

## Usaldus

trust = Kui palju võin seda lehte usaldada?
trust-source = Nii palju, kui usaldate seda, kellelt lehe saite. Võltsitud leht nimetaks kõike õigeks. Võtke leht kelleltki, kes valimist ei korralda, kõige parem mitmelt.
trust-file = Kogu leht on üks fail. Salvestage see, võrrelge selle räsi (SHA-256) sellega, mille teised on avaldanud, ja avage oma kettalt; ka seal leht töötab.
trust-again = Või tehke samad kontrollid käsuga „auditor verify“ või kellegi teise kirjutatud programmiga.
trust-release = Selle lehe väljalase
trust-digest = Selle faili SHA-256, nagu see laaditi
trust-no-digest = See leht avati kettalt ega saa iseennast lugeda: arvutage faili räsi ise, näiteks käsuga sha256sum.
