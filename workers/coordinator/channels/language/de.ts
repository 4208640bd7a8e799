/** What alerts say in German. */
import type { AlertCatalogue } from "./alert-catalogue.ts";

/** German. */
export const DE: AlertCatalogue = {
  severities: { critical: "kritisch", warning: "Warnung", info: "Information" },
  titles: {
    seen: { one: "{title} ({some} von {n} Region)", other: "{title} ({some} von {n} Regionen)" },
    now: "Jetzt: {title}",
    still: "Weiterhin: {title}",
    recovered: "{name} funktioniert nach {duration} wieder",
    unheard: "{past}, {duration} lang, und funktioniert wieder",
    test: "[Test] {title}",
    alerts: { one: "{n} Alarm", other: "{n} Alarme" },
    resolved: { one: "{n} Alarm beendet", other: "{n} Alarme beendet" },
    both: "{alerts}, {resolved}",
    expires: {
      one: "Das Zertifikat von {name} läuft in {n} Tag ab",
      other: "Das Zertifikat von {name} läuft in {n} Tagen ab",
    },
    expired: "Das Zertifikat von {name} ist abgelaufen",
    certificateOver: "Die Warnung vor dem Zertifikat von {name} ist vorbei",
    blind: "Echoquorum sieht nichts: die Überwachung ist gestört",
    blindOver: "Echoquorum sieht wieder",
    unknown: "Über {name} ist nichts bekannt",
    unknownOver: "Dass über {name} nichts bekannt ist, ist vorbei",
    region: "Die Region {place} kann nicht abstimmen",
    regionOver: "Die Störung der Region {place} ist vorbei",
    history: {
      one: "{n} Vorfall begann und endete, während Echoquorum abwesend war",
      other: "{n} Vorfälle begannen und endeten, während Echoquorum abwesend war",
    },
  },
  texts: {
    recovered: "{quorum} Dauer: {duration}, {from} bis {to}.",
    test:
      "Dies ist ein Test des Kanals {channel}: nichts ist gestört. " +
      "Ein echter Alarm sieht so aus: {quorum}",
    down: { one: "{n} Dienst ausgefallen.", other: "{n} Dienste ausgefallen." },
    others: { one: "{titles}; und {n} weiterer", other: "{titles}; und {n} weitere" },
    blind:
      "Keine Region kann abstimmen. Bis das vorbei ist, ist über keinen Dienst etwas bekannt; " +
      "über die Dienste selbst sagt das nichts.",
    blindOver: "Die Regionen stimmen wieder ab.",
    unknown: "Er kann funktionieren oder ausgefallen sein: niemand kann es beurteilen.",
    unknownOver: "Er wird wieder beurteilt, oder er wird nicht mehr überwacht.",
    region:
      "Das ist eine Störung der eigenen Region von Echoquorum und keines Ziels. " +
      "Über die Dienste urteilen inzwischen die anderen Regionen.",
    regionOver: "Sie stimmt wieder ab, oder sie wird nicht mehr verwendet.",
    history: "Echoquorum war abwesend. In dieser Zeit:",
  },
  labels: {
    monitor: "Dienst",
    severity: "Dringlichkeit",
    since: "Seit",
    until: "Bis",
    duration: "Dauer",
    reason: "Grund",
    meaning: "Was zu sehen war",
    cause: "Übliche Ursache",
    certificate: "Zertifikat",
    timeline: "Verlauf",
    diagnosis: "HTTP daneben",
    incident: "Vorfall öffnen",
    page: "Statusseite öffnen",
    evidence: "Paketmitschnitt",
    more: { one: "… und {n} weiterer", other: "… und {n} weitere" },
    uncounted: "zählt nicht",
    valid: {
      one: "{subject}, ausgestellt von {issuer}, gültig bis {until} ({n} Tag)",
      other: "{subject}, ausgestellt von {issuer}, gültig bis {until} ({n} Tage)",
    },
    expired: "{subject}, ausgestellt von {issuer}, abgelaufen am {until}",
  },
  causes: {
    dns_not_found: "Ein gelöschter oder vertippter DNS-Eintrag, oder eine abgelaufene Domain.",
    dns_timeout: "Die zuständigen Nameserver sind ausgefallen oder nicht erreichbar.",
    dns_error: "Eine fehlerhafte Zone, ein DNSSEC-Fehler oder ein gestörter Resolver.",
    connect_failed:
      "Am Port antwortet nichts, der Rechner ist ausgefallen, oder eine Firewall weist ab.",
    connect_timeout:
      "Eine Firewall, die Pakete verwirft, eine volle Warteschlange oder ein Routing-Problem.",
    address_blocked: "Eine private Adresse, eine Loopback- oder Cloudflare-Adresse, oder Port 25.",
    tls_failed: "Kein TLS an diesem Port, keine gemeinsame Version, oder ein falsches Zertifikat.",
    tls_timeout: "Der Server spricht kein TLS oder ist überlastet.",
    tls_certificate_expired:
      "Die Erneuerung schlug fehl, oder der Server wurde danach nicht neu geladen.",
    tls_certificate_not_yet_valid:
      "Ein zu früh eingesetztes Zertifikat, oder eine falsche Uhr bei der Ausstellung.",
    tls_hostname_mismatch:
      "Ein voreingestellter virtueller Host antwortet, oder der Name fehlt im Zertifikat.",
    tls_untrusted_issuer:
      "Ein selbst signiertes Zertifikat, eine private Stelle oder ein fehlendes Zwischenzertifikat.",
    upgrade_timeout: "Eine überlastete oder blockierte Anwendung hinter einem offenen Port.",
    upgrade_rejected:
      "Ein falscher Pfad, ein gestörtes Backend, oder ein Proxy, der WebSocket nicht weiterleitet.",
    upgrade_unauthorized:
      "Fehlende, falsche oder abgelaufene Zugangsdaten, oder ein nicht erlaubter Origin.",
    upgrade_overloaded:
      "Eine Verbindungs- oder Ratengrenze ist erreicht, oder kein Backend ist gesund.",
    upgrade_ignored: "Ein Proxy, der den Upgrade-Header entfernt, oder ein Pfad ohne WebSocket.",
    upgrade_redirected:
      "Ein verschobener Endpunkt, eine Umleitung auf HTTPS oder eine vorgeschaltete Anmeldung.",
    upgrade_invalid:
      "Ein anderes Protokoll an diesem Port, erwartetes TLS, oder ein vorzeitiges Verbindungsende.",
    upgrade_header_missing: "Ein Proxy, der Hop-by-Hop-Header aus der Antwort entfernt.",
    accept_mismatch:
      "Ein Server, der RFC 6455 nicht umsetzt, oder ein Cache mit einer alten Antwort.",
    subprotocol_mismatch:
      "Eine Serverversion, der ein Unterprotokoll fehlt, oder ein falscher Endpunkt.",
    extension_unrequested: "Eine fehlerhafte Umsetzung von Erweiterungen in Server oder Proxy.",
    handshake_assertion_failed: "Ein geänderter Header oder ein geändertes Unterprotokoll.",
    frame_masked: "Ein Server, der Frames wie ein Client bildet.",
    frame_reserved_bits:
      "Komprimierte Frames ohne Aushandlung, oder Daten, die keine WebSocket-Frames sind.",
    frame_opcode_unknown:
      "Daten, die keine WebSocket-Frames sind, oder ein beschädigter Datenstrom.",
    frame_control_fragmented: "Eine fehlerhafte Umsetzung in Server oder Proxy.",
    frame_control_too_long: "Ein zu langer Schließgrund oder Ping-Inhalt.",
    frame_length_invalid: "Eine fehlerhafte Umsetzung im Server, oder ein beschädigter Datenstrom.",
    continuation_unexpected:
      "Verschränkte Nachrichten eines Servers, der aus mehreren Threads schreibt.",
    utf8_invalid:
      "Binärdaten, die als Text gesendet werden, oder mitten im Zeichen abgeschnittener Text.",
    close_code_invalid: "Ein reservierter Schließcode oder ein fehlerhafter Schließ-Frame.",
    message_too_big: "Eine unerwartete Flut, oder eine zu kleine Grenze für diesen Dienst.",
    inflate_failed: "Ein Server oder Proxy, der den Kompressionskontext verliert.",
    message_timeout:
      "Eine offene, aber stumme Verbindung: eine hängende Anwendung oder ein totes Backend.",
    message_mismatch:
      "Ein geändertes Protokoll, eine Fehlermeldung oder eine Verfälschung unterwegs.",
    pong_timeout:
      "Eine blockierte Ereignisschleife, oder ein Proxy, der Kontroll-Frames verschluckt.",
    closed_by_peer:
      "Ein Neustart, eine Richtlinie, eine gescheiterte Anmeldung oder ein Fehler der Anwendung.",
    connection_lost: "Ein Absturz, eine Zeitgrenze des Proxys oder ein Netzwerkfehler.",
    close_timeout: "Ein Server, der Schließ-Frames übergeht oder die TCP-Verbindung nie beendet.",
    latency_over_budget: "Last, ein langsames Backend oder ein weiter Weg zur Region.",
    certificate_expiring: "Die Erneuerung ist nicht automatisiert oder schlägt fehl.",
    origin_not_enforced:
      "Der Server prüft den Origin-Header nicht: fremde Seiten können Verbindungen kapern.",
    auth_not_enforced: "Beim Upgrade fehlt die Anmeldung.",
    plaintext_accepted: "Port 80 ist weder umgeleitet noch geschlossen.",
    http_status: "Eine gestörte Anwendung oder ein gestörter Proxy.",
    http_body: "Eine Fehlerseite oder geänderter Inhalt.",
    http_timeout: "Ein überlasteter Server.",
    http_failed: "Am Port antwortet nichts, oder TLS schlägt fehl.",
    probe_deadline: "Mehr Prüfungen, als in einen Durchgang passen.",
    probe_error: "Ein Fehler von Echoquorum oder seiner Plattform.",
    transport_unsupported:
      "Pings und rohe Frames brauchen einen Socket, den die Plattform für diese Adresse verweigert.",
    config_invalid: "Eine Sonde, die älter ist als der Koordinator.",
  },
};
