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

## Vead

problem = Seda ei saanud teha
problem-election = See ei ole valimise tunnus. Tunnuses on 64 numbrit ja tähte a-st f-ni.
problem-address = Sellelt aadressilt ei saa leht midagi laadida. Aadress algab https:// või http://.
problem-no-record = Sellel aadressil ei ole valimise protokolli.
problem-lost = Protokolli ei saa laadida. Server võib olla maas või ei luba teistel lehtedel seda lugeda. Võite protokolli alla laadida ja valida selle kausta.
problem-too-large = See protokoll on brauseri jaoks liiga suur. Kontrollige seda käsuga „auditor verify“.
problem-no-folder = Selles kaustas ei ole valimise protokolli. Protokollis on fail „checkpoint“ ning kaustad „tile“ ja „files“.
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
