"""What the columns of an address book are called, in the languages programs export in.

A column's field is written ``field``, ``field:label`` (``phone:mobile``) or, for the value and
label columns Google pairs by number, ``field#n`` and ``field_label#n``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from contacts.engine.names import fold

# The fields a column can be mapped to by hand, in the order a list should offer them.
CHOICES = (
    "full_name",
    "given",
    "middle",
    "family",
    "prefix",
    "suffix",
    "nickname",
    "email",
    "phone",
    "link",
    "organization",
    "title",
    "connected_on",
    "birthday",
    "met_through",
    "tags",
    "notes",
    "extra",
)

# ruff: noqa: E501 -- wide scripts count double in a line
_WORDS: dict[str, str] = {
    "given": (
        "first name|firstname|given name|givenname|forename|first|christian name|vorname|prenom|"
        "nombre|primer nombre|nome proprio|primeiro nome|voornaam|imie|ad|adi|isim|imya|имя|"
        "fornamn|fornavn|etunimi|jmeno|krstne meno|keresztnev|prenume|ime|meno|nama depan|"
        "ten|όνομα|ονομα|名|名字|이름|ชื่อ|الاسم الاول|الاسم|שם פרטי|імя|ім'я|eesnimi|vardas|vards"
    ),
    "family": (
        "last name|lastname|surname|family name|familyname|last|second name|nachname|familienname|"
        "nom|nom de famille|apellido|apellidos|cognome|sobrenome|apelido|ultimo nome|achternaam|"
        "nazwisko|soyad|soyadi|фамилия|efternamn|efternavn|etternavn|sukunimi|prijmeni|"
        "priezvisko|vezeteknev|nume|nume de familie|prezime|nama belakang|επωνυμο|επώνυμο|"
        "姓|姓氏|성|นามสกุล|اسم العائلة|الكنية|שם משפחה|прізвище|perekonnanimi|pavarde|uzvards"
    ),
    "full_name": (
        "name|full name|fullname|display name|displayname|contact name|contact|person|"
        "vollstandiger name|anzeigename|nome|nom complet|nombre completo|nome completo|"
        "volledige naam|naam|imie i nazwisko|ad soyad|полное имя|фио|fullstandigt namn|namn|"
        "navn|nimi|cele jmeno|姓名|氏名|名前|성명|الاسم الكامل|שם מלא|file as"
    ),
    "middle": (
        "middle name|middlename|additional name|weitere vornamen|zweiter vorname|"
        "deuxieme prenom|segundo nombre|secondo nome|nome do meio|tweede voornaam|"
        "drugie imie|отчество|mellannamn|mellomnavn|2nd name"
    ),
    "prefix": "name prefix|prefix|anrede|salutation|honorific|titre de civilite|tratamiento",
    "suffix": "suffix|name suffix|namenszusatz|suffixe|sufijo|suffisso|sufixo|achtervoegsel",
    "nickname": "nickname|nick|spitzname|surnom|apodo|soprannome|alcunha|roepnaam|alias|short name|smeknamn|псевдоним|what you call them",
    "email": (
        "email|email address|e mail|e mail address|email addresses|emails|mail|mail address|"
        "primary email|email 1|e mail adresse|email adresse|mailadresse|adresse e mail|"
        "adresse email|courriel|adresse electronique|adresse de messagerie|adresse mail|"
        "correo|correo electronico|direccion de correo electronico|direccion de correo|"
        "direccion de email|email do contato|endereco de e mail|endereco de email|"
        "indirizzo e mail|indirizzo email|indirizzo di posta elettronica|"
        "posta elettronica|e mailadres|emailadres|adres e mail|adres email|e posta|"
        "e posta adresi|e postadress|e postadresse|epost|e post|sahkoposti|sahkopostiosoite|"
        "e mailova adresa|emailova adresa|adresa de e mail|adresa de email|e mail cim|"
        "адрес электронной почты|электронная почта|эл почта|почта|email адрес|"
        "alamat email|surel|dia chi email|电子邮件|电子邮件地址|电邮地址|邮箱|電子郵件|電子郵件地址|"
        "メール|メールアドレス|e メール|eメール|이메일|이메일 주소|อีเมล|البريد الالكتروني|"
        "عنوان البريد الالكتروني|דואר אלקטרוני|כתובת אימייל|אימייל|e mail cimek|"
        "διευθυνση email|електронна пошта|адреса електронної пошти|business email|office email"
    ),
    "email:work": "work email|email work|e mail work|work e mail|professional email|geschaftliche e mail|email professionnel",
    "email:home": "home email|personal email|private email|email home|private e mail|email personnel",
    "phone": (
        "phone|phone number|telephone|telephone number|tel|primary phone|other phone|telefon|"
        "telefonnummer|telefono|telefone|numero de telephone|numero de telefono|"
        "telefoon|telefoonnummer|numer telefonu|телефон|номер телефона|puhelin|"
        "电话|電話|電話番号|전화|전화번호|هاتف|رقم الهاتف|טלפון|weiteres telefon|haupttelefon|phones|"
        "autre telephone|otro telefono|altro telefono|callback|phone 1"
    ),
    "phone:mobile": (
        "mobile|mobile phone|cell|cell phone|cellphone|mobile number|handy|mobiltelefon|"
        "mobil|telephone mobile|tel mobile|portable|movil|telefono movil|celular|cellulare|"
        "telemovel|telefon komorkowy|mobiele telefoon|мобильный|мобильный телефон|cep telefonu|"
        "手机|手機|携帯電話|휴대폰|jawwal|נייד"
    ),
    "phone:work": (
        "business phone|business phone 2|work phone|office phone|company main phone|"
        "telefon geschaftlich|telefon geschaftlich 2|telefon firma|telephone bureau|"
        "telephone bureau 2|tel professionnel|telefono del trabajo|telefono ufficio|"
        "telefone comercial|werktelefoon|telefon sluzbowy|рабочий телефон|assistants phone"
    ),
    "phone:home": (
        "home phone|home phone 2|telefon privat|telefon privat 2|telephone domicile|"
        "telephone domicile 2|particulier|telefono particular|telefono abitazione|"
        "telefone residencial|thuistelefoon|telefon domowy|домашний телефон"
    ),
    "phone:other": "car phone|radio phone|pager|autotelefon|telefono auto",
    "link": (
        "url|urls|link|links|web page|webpage|website|web site|homepage|profile|profile url|"
        "personal web page|website url|webseite|internetseite|site web|pagina web|sito web|"
        "page web|www|网址|網址|ウェブサイト|웹사이트|adresse url|url perfil|ссылка|сайт|web|блог|blog"
    ),
    "link:linkedin": (
        "linkedin|linkedin url|linkedin profile|linkedin profile url|person linkedin url|"
        "linkedin link|profil linkedin|perfil de linkedin|profilo linkedin"
    ),
    "organization": (
        "company|company name|organization|organisation|organization name|organisation name|"
        "employer|current company|firma|firmenname|unternehmen|arbeitgeber|entreprise|societe|"
        "empresa|organizacion|azienda|societa|organizacao|bedrijf|organisatie|firma nazwa|"
        "sirket|kurum|компания|организация|место работы|foretag|organisation namn|virksomhed|"
        "firmanavn|selskap|yritys|spolecnost|spolocnost|cegnev|ceg|companie|perusahaan|"
        "cong ty|εταιρεια|公司|公司名称|会社|会社名|勤務先|회사|บริษัท|الشركة|חברה|компанія|account name|"
        "place of work|business name"
    ),
    "title": (
        "position|job title|jobtitle|title|role|job|current position|current title|occupation|"
        "job role|headline|position titel|berufsbezeichnung|stelle|stellenbezeichnung|poste|"
        "fonction|intitule du poste|titre|cargo|puesto|titulo|titulo del puesto|ruolo|posizione|"
        "qualifica|funcao|profissao|functie|functietitel|stanowisko|pozisyon|gorev|unvan|"
        "должность|позиция|befattning|stilling|asema|tehtavanimike|pozice|pozicia|beosztas|"
        "pozitie|functia|posisi|jabatan|vi tri|chuc vu|θεση|职位|职务|職位|職稱|役職|肩書き|직책|직위|"
        "ตำแหน่ง|المنصب|الوظيفة|תפקיד|посада|organization title|profession|position title"
    ),
    "extra:department": "department|abteilung|service|departamento|reparto|ufficio|afdeling|dzial|отдел|organization department",
    "connected_on": (
        "connected on|connected at|connection date|connected|date connected|verbunden am|"
        "vernetzt am|kontakt seit|verbunden seit|connecte le|connectee le|date de connexion|"
        "en relation depuis|date de mise en relation|conectado el|fecha de conexion|"
        "contacto desde|conectado em|conectou se em|data da conexao|conectado desde|"
        "collegato il|data collegamento|in contatto dal|collegamento del|gekoppeld op|"
        "verbonden op|connectie sinds|polaczono|data polaczenia|data nawiazania kontaktu|"
        "baglanti tarihi|baglanti kuruldu|дата установления контакта|дата контакта|"
        "дата добавления|контакт с|ansluten|ansluten den|kontakt sedan|forbundet den|"
        "forbundet|tilknyttet|koblet til|verkostoitunut|yhdistetty|spojeno|spojeni od|"
        "data conectarii|conectat la|terhubung pada|kapcsolat letrejotte|ket noi vao|"
        "συνδεθηκατε στις|联系日期|建立联系时间|加为好友时间|成为好友时间|连接时间|建立關係日期|建立聯繫日期|"
        "連結日期|つながった日|つながり日|接続日|연결일|1촌 맺은 날짜|1촌 연결일|เชื่อมต่อเมื่อ|تاريخ الاتصال|"
        "متصل منذ|تاريخ التواصل|חיבור בתאריך|התחברתם ב|дата встановлення контакту"
    ),
    "birthday": (
        "birthday|birth date|birthdate|date of birth|dob|geburtstag|geburtsdatum|anniversaire|"
        "date de naissance|cumpleanos|fecha de nacimiento|compleanno|data di nascita|"
        "aniversario|data de nascimento|verjaardag|geboortedatum|urodziny|data urodzenia|"
        "dogum gunu|dogum tarihi|день рождения|дата рождения|fodelsedag|fodselsdag|"
        "syntymapaiva|narozeniny|生日|誕生日|생일|تاريخ الميلاد|יום הולדת"
    ),
    "notes": (
        "notes|note|comment|comments|description|remarks|memo|notizen|notiz|bemerkung|"
        "bemerkungen|anmerkung|anmerkungen|remarque|remarques|commentaire|commentaires|notas|"
        "nota|observaciones|comentarios|annotazioni|observacoes|notities|opmerkingen|notatki|"
        "uwagi|notlar|aciklama|заметки|примечание|примечания|комментарий|anteckningar|"
        "bemaerkninger|muistiinpanot|poznamky|备注|備註|メモ|備考|메모|ملاحظات|הערות|about|how we met|"
        "user 1|user 2|user 3|user 4"
    ),
    "tags": (
        "tags|tag|labels|label|groups|group|group membership|categories|category|keywords|"
        "kategorien|kategorie|schlagworter|etiquettes|etiquette|categorie|"
        "groupes|etiquetas|etiqueta|categorias|grupos|etichette|gruppi|etiketten|groepen|"
        "kategorier|kategorie|grupy|etiketler|метки|категории|группы|标签|標籤|タグ|태그|lists|list"
    ),
    "met_through": "met through|introduced by|referred by|introducer|referrer|empfohlen von|recommande par|recomendado por",
    "uid": "uid|id|contact id|external id|urn|guid|uuid",
    "extra": (
        "location|city|country|region|state|address|street|zip|postal code|anniversary|spouse|"
        "children|hobby|schools|managers name|assistants name|office location|language|gender|"
        "maiden name|imaddress|im address|im|twitter|twitter handle|skype|instagram|facebook|"
        "ort|land|strasse|adresse|ville|pays|ciudad|pais|direccion|citta|paese|indirizzo|"
        "industry|branche|timezone|time zone|jahrestag|partner|ehepartner|kinder|beruf|"
        "partnerin|ehefrau|manager|nombre del conyuge|relation"
    ),
}  # fmt: skip
_FIELDS: dict[str, str] = {}
for _field, _names in _WORDS.items():
    for _name in _names.split("|"):
        _FIELDS.setdefault(fold(_name), _field)

_GOOGLE = re.compile(
    r"(e mail|email|phone|address|website|organization|custom field|relation|event|im) (\d+) "
    r"(value|label|type|name|title|department|formatted|service)"
)
_GOOGLE_FIELDS = {
    ("e mail", "value"): "email#",
    ("e mail", "label"): "email_label#",
    ("e mail", "type"): "email_label#",
    ("phone", "value"): "phone#",
    ("phone", "label"): "phone_label#",
    ("phone", "type"): "phone_label#",
    ("website", "value"): "link#",
    ("website", "label"): "link_label#",
    ("website", "type"): "link_label#",
    ("address", "formatted"): "extra#address",
    ("address", "label"): "extra_label#address",
    ("address", "type"): "extra_label#address",
    ("organization", "name"): "organization",
    ("organization", "title"): "title",
    ("organization", "department"): "extra:department",
    ("custom field", "value"): "extra#custom",
    ("custom field", "label"): "extra_label#custom",
    ("custom field", "type"): "extra_label#custom",
    ("relation", "value"): "extra#relation",
    ("relation", "label"): "extra_label#relation",
    ("relation", "type"): "extra_label#relation",
    ("event", "value"): "extra#event",
    ("event", "label"): "extra_label#event",
    ("event", "type"): "extra_label#event",
    ("im", "value"): "extra#im",
    ("im", "label"): "extra_label#im",
    ("im", "service"): "extra_label#im",
}
_HALF_NAMES = ("nome", "namn", "navn", "name", "naam")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")  # firstName
_NUMBERED = re.compile(r"(.+?) ?([2-9])( address| value)?")
_ADDRESS = re.compile(
    r"(business|home|other) (street|street 2|street 3|city|state|postal code|country|"
    r"country region|address po box)"
    r"|(?:strasse|ort|region|bundesland kanton|postleitzahl|land|land region) "
    r"(geschaftlich|privat|weitere)(?: [23])?"
)


@lru_cache(maxsize=4096)
def field_of(column: str) -> str:
    """Return the field a column's heading names, or "" when we do not know the heading."""
    name = fold(_CAMEL.sub(" ", column[:200]))
    if not name:
        return ""
    known = _FIELDS.get(name)
    if known is not None:
        return known
    if found := _GOOGLE.fullmatch(name):
        kind, number, part = found.groups()
        field = _GOOGLE_FIELDS.get(("e mail" if kind == "email" else kind, part), "")
        return field + number if field.endswith("#") else field + (number if "#" in field else "")
    if found := _ADDRESS.fullmatch(name):
        return f"extra:{(found[1] or found[3])} address"
    if found := _NUMBERED.fullmatch(name):
        field = _FIELDS.get(found[1] + (found[3] or "")) or _FIELDS.get(found[1]) or ""
        return field if field.partition(":")[0] in ("email", "phone", "link", "extra") else ""
    return ""


def fields_of(header: tuple[str, ...]) -> tuple[str, ...]:
    """Return the field of each column, with the words that depend on their neighbours settled.

    ``Title`` is a form of address where the table also has a job title.
    """
    fields = [field_of(column) for column in header]
    folded = [fold(column[:200]) for column in header]
    has_job = any(
        name != "title" and field == "title" for name, field in zip(folded, fields, strict=True)
    )
    for index, name in enumerate(folded):
        if (name == "title" and has_job) or name == "anrede":
            fields[index] = "prefix"
        elif name == "file as" and ("given" in fields or "family" in fields):
            fields[index] = ""
        elif name in _HALF_NAMES and fields[index] == "full_name":
            # "Nome" is the given name beside "Cognome", the family name beside "Prenome".
            if "given" in fields and "family" not in fields:
                fields[index] = "family"
            elif "family" in fields and "given" not in fields:
                fields[index] = "given"
    if "given" not in fields and "family" in fields and "full_name" not in fields:
        for index, name in enumerate(folded):
            if name in ("nom", "nume"):
                fields[index] = "full_name"
    return tuple(fields)
