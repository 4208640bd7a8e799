/** What alerts say in French. */
import type { AlertCatalogue } from "./alert-catalogue.ts";

/** French. */
export const FR: AlertCatalogue = {
  severities: { critical: "critique", warning: "avertissement", info: "information" },
  titles: {
    seen: { one: "{title} ({some} région sur {n})", other: "{title} ({some} régions sur {n})" },
    now: "Désormais : {title}",
    still: "Toujours : {title}",
    recovered: "{name} fonctionne de nouveau après {duration}",
    unheard: "{past} pendant {duration} et fonctionne de nouveau",
    test: "[Test] {title}",
    alerts: { one: "{n} alerte", other: "{n} alertes" },
    resolved: { one: "{n} alerte terminée", other: "{n} alertes terminées" },
    both: "{alerts}, {resolved}",
    expires: {
      one: "Le certificat de {name} expire dans {n} jour",
      other: "Le certificat de {name} expire dans {n} jours",
    },
    expired: "Le certificat de {name} a expiré",
    certificateOver: "L’avertissement sur le certificat de {name} est terminé",
    blind: "Echoquorum ne voit rien : la surveillance est perturbée",
    blindOver: "Echoquorum voit de nouveau",
    unknown: "On ne sait rien de {name}",
    unknownOver: "L’absence d’informations sur {name} est terminée",
    region: "La région {place} ne peut pas voter",
    regionOver: "La perturbation de la région {place} est terminée",
    history: {
      one: "{n} incident a commencé et fini pendant l’absence d’Echoquorum",
      other: "{n} incidents ont commencé et fini pendant l’absence d’Echoquorum",
    },
  },
  texts: {
    recovered: "{quorum} Durée : {duration}, de {from} à {to}.",
    test:
      "Ceci est un test du canal {channel} : tout va bien. " +
      "Une vraie alerte ressemble à ceci : {quorum}",
    down: { one: "{n} service en panne.", other: "{n} services en panne." },
    others: { one: "{titles} ; et {n} autre", other: "{titles} ; et {n} autres" },
    blind:
      "Aucune région ne peut voter. D’ici là, on ne sait rien d’aucun service ; " +
      "cela ne dit rien des services eux-mêmes.",
    blindOver: "Les régions votent de nouveau.",
    unknown: "Il peut fonctionner ou être en panne : personne ne peut en juger.",
    unknownOver: "Il est jugé de nouveau, ou n’est plus surveillé.",
    region:
      "C’est un problème de la région d’Echoquorum elle-même, et d’aucune cible. " +
      "Les autres régions jugent entre-temps les services.",
    regionOver: "Elle vote de nouveau, ou n’est plus utilisée.",
    history: "Echoquorum était absent. Pendant ce temps :",
  },
  labels: {
    monitor: "Service",
    severity: "Gravité",
    since: "Depuis",
    until: "Jusqu’à",
    duration: "Durée",
    reason: "Raison",
    meaning: "Ce qui a été vu",
    cause: "Cause habituelle",
    certificate: "Certificat",
    timeline: "Chronologie",
    diagnosis: "HTTP à côté",
    incident: "Ouvrir l’incident",
    page: "Ouvrir la page d’état",
    evidence: "capture de paquets",
    more: { one: "… et {n} autre", other: "… et {n} autres" },
    uncounted: "non compté",
    valid: {
      one: "{subject}, émis par {issuer}, valable jusqu’au {until} ({n} jour)",
      other: "{subject}, émis par {issuer}, valable jusqu’au {until} ({n} jours)",
    },
    expired: "{subject}, émis par {issuer}, expiré le {until}",
  },
  causes: {
    dns_not_found: "Un enregistrement DNS supprimé ou mal saisi, ou un domaine expiré.",
    dns_timeout: "Les serveurs de noms faisant autorité sont en panne ou injoignables.",
    dns_error: "Une zone défectueuse, une erreur DNSSEC ou un résolveur en difficulté.",
    connect_failed:
      "Rien n’écoute sur le port, l’hôte est en panne ou un pare-feu refuse la connexion.",
    connect_timeout:
      "Un pare-feu qui jette les paquets, une file pleine ou un problème de routage.",
    address_blocked: "Une adresse privée, locale ou de Cloudflare, ou le port 25.",
    tls_failed: "Pas de TLS sur ce port, aucune version commune ou un certificat refusé.",
    tls_timeout: "Un serveur qui ne parle pas TLS, ou qui est surchargé.",
    tls_certificate_expired:
      "Le renouvellement a échoué, ou le serveur n’a pas été rechargé ensuite.",
    tls_certificate_not_yet_valid:
      "Un certificat installé trop tôt, ou une horloge fausse à son émission.",
    tls_hostname_mismatch:
      "Un hôte virtuel par défaut répond, ou le nom manque dans le certificat.",
    tls_untrusted_issuer:
      "Un certificat auto-signé, une autorité privée ou un certificat intermédiaire manquant.",
    upgrade_timeout: "Une application surchargée ou bloquée derrière un port ouvert.",
    upgrade_rejected:
      "Un mauvais chemin, un serveur interne en échec ou un proxy qui ne transmet pas WebSocket.",
    upgrade_unauthorized:
      "Des identifiants absents, faux ou expirés, ou une origine non autorisée.",
    upgrade_overloaded:
      "Une limite de connexions ou de débit est atteinte, ou aucun serveur interne n’est sain.",
    upgrade_ignored: "Un proxy qui retire l’en-tête Upgrade, ou un chemin sans WebSocket.",
    upgrade_redirected:
      "Un point d’accès déplacé, une redirection vers HTTPS ou une page de connexion.",
    upgrade_invalid:
      "Un autre protocole sur ce port, TLS attendu, ou une connexion fermée trop tôt.",
    upgrade_header_missing: "Un proxy qui retire des en-têtes de la réponse.",
    accept_mismatch:
      "Un serveur qui n’applique pas la RFC 6455, ou un cache qui rejoue une vieille réponse.",
    subprotocol_mismatch:
      "Une version du serveur qui a perdu un sous-protocole, ou un mauvais point d’accès.",
    extension_unrequested: "Une mise en œuvre fautive des extensions dans le serveur ou le proxy.",
    handshake_assertion_failed: "Un en-tête ou un sous-protocole modifié.",
    frame_masked: "Un serveur qui forme ses trames comme un client.",
    frame_reserved_bits:
      "Des trames compressées sans négociation, ou des données qui ne sont pas des trames WebSocket.",
    frame_opcode_unknown: "Des données qui ne sont pas des trames WebSocket, ou un flux corrompu.",
    frame_control_fragmented: "Une mise en œuvre fautive dans le serveur ou le proxy.",
    frame_control_too_long: "Un motif de fermeture ou un contenu de ping trop long.",
    frame_length_invalid: "Une mise en œuvre fautive du serveur, ou un flux corrompu.",
    continuation_unexpected:
      "Des messages entremêlés par un serveur qui écrit depuis plusieurs fils.",
    utf8_invalid: "Des données binaires envoyées comme texte, ou un texte coupé dans un caractère.",
    close_code_invalid: "Un code de fermeture réservé, ou une trame de fermeture mal formée.",
    message_too_big: "Un afflux inattendu, ou une limite trop basse pour ce service.",
    inflate_failed: "Un serveur ou un proxy qui perd son contexte de compression.",
    message_timeout:
      "Une connexion ouverte mais muette : application bloquée ou serveur interne mort.",
    message_mismatch: "Un protocole modifié, un message d’erreur ou une altération en chemin.",
    pong_timeout: "Une boucle d’événements bloquée, ou un proxy qui avale les trames de contrôle.",
    closed_by_peer:
      "Un redémarrage, une règle, une authentification refusée ou une erreur de l’application.",
    connection_lost: "Un plantage, un délai du proxy ou une panne du réseau.",
    close_timeout:
      "Un serveur qui ignore les trames de fermeture ou ne ferme jamais la connexion TCP.",
    latency_over_budget: "La charge, un serveur interne lent ou une région lointaine.",
    certificate_expiring: "Le renouvellement n’est pas automatisé, ou échoue.",
    origin_not_enforced:
      "Le serveur ne vérifie pas l’en-tête Origin : un site étranger peut détourner la connexion.",
    auth_not_enforced: "L’authentification manque lors de l’upgrade.",
    plaintext_accepted: "Le port 80 n’est ni redirigé ni fermé.",
    http_status: "Une application ou un proxy en échec.",
    http_body: "Une page d’erreur, ou un contenu modifié.",
    http_timeout: "Un serveur surchargé.",
    http_failed: "Rien ne répond sur le port, ou TLS échoue.",
    probe_deadline: "Plus de vérifications qu’un passage n’en contient.",
    probe_error: "Une erreur d’Echoquorum ou de sa plateforme.",
    transport_unsupported:
      "Les pings et trames brutes exigent un socket que la plateforme refuse à cette adresse.",
    config_invalid: "Une sonde plus ancienne que le coordinateur.",
  },
};
