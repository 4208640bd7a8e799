/** What alerts say in Spanish. */
import type { AlertCatalogue } from "./alert-catalogue.ts";

/** Spanish. */
export const ES: AlertCatalogue = {
  severities: { critical: "crítica", warning: "advertencia", info: "información" },
  titles: {
    seen: { one: "{title} ({some} de {n} región)", other: "{title} ({some} de {n} regiones)" },
    now: "Ahora: {title}",
    still: "Continúa: {title}",
    recovered: "{name} funciona de nuevo después de {duration}",
    unheard: "{past} durante {duration} y funciona de nuevo",
    test: "[Prueba] {title}",
    alerts: { one: "{n} alerta", other: "{n} alertas" },
    resolved: { one: "{n} alerta terminada", other: "{n} alertas terminadas" },
    both: "{alerts}, {resolved}",
    expires: {
      one: "El certificado de {name} caduca en {n} día",
      other: "El certificado de {name} caduca en {n} días",
    },
    expired: "El certificado de {name} ha caducado",
    certificateOver: "El aviso sobre el certificado de {name} ha terminado",
    blind: "Echoquorum no ve nada: la supervisión está afectada",
    blindOver: "Echoquorum ve de nuevo",
    unknown: "No se sabe nada de {name}",
    unknownOver: "La falta de información sobre {name} ha terminado",
    region: "La región {place} no puede votar",
    regionOver: "El problema de la región {place} ha terminado",
    history: {
      one: "{n} incidente empezó y terminó mientras Echoquorum estaba ausente",
      other: "{n} incidentes empezaron y terminaron mientras Echoquorum estaba ausente",
    },
  },
  texts: {
    recovered: "{quorum} Duración: {duration}, de {from} a {to}.",
    test:
      "Esto es una prueba del canal {channel}: todo está bien. " +
      "Una alerta real se ve así: {quorum}",
    down: { one: "{n} servicio caído.", other: "{n} servicios caídos." },
    others: { one: "{titles}; y {n} más", other: "{titles}; y {n} más" },
    blind:
      "Ninguna región puede votar. Hasta que termine no se sabe nada de ningún servicio; " +
      "esto no dice nada de los servicios.",
    blindOver: "Las regiones votan de nuevo.",
    unknown: "Puede funcionar o estar caído: nadie puede juzgarlo.",
    unknownOver: "Se juzga de nuevo, o ya no se supervisa.",
    region:
      "Es un problema de la propia región de Echoquorum y de ningún destino. " +
      "Mientras tanto juzgan las demás regiones.",
    regionOver: "Vota de nuevo, o ya no se usa.",
    history: "Echoquorum estuvo ausente. Mientras tanto:",
  },
  labels: {
    monitor: "Servicio",
    severity: "Gravedad",
    since: "Desde",
    until: "Hasta",
    duration: "Duración",
    reason: "Motivo",
    meaning: "Lo que se vio",
    cause: "Causa habitual",
    certificate: "Certificado",
    timeline: "Cronología",
    diagnosis: "HTTP al lado",
    incident: "Abrir el incidente",
    page: "Abrir la página de estado",
    evidence: "captura de paquetes",
    more: { one: "… y {n} más", other: "… y {n} más" },
    uncounted: "no cuenta",
    valid: {
      one: "{subject}, emitido por {issuer}, válido hasta {until} ({n} día)",
      other: "{subject}, emitido por {issuer}, válido hasta {until} ({n} días)",
    },
    expired: "{subject}, emitido por {issuer}, caducado el {until}",
  },
  causes: {
    dns_not_found: "Un registro DNS borrado o mal escrito, o un dominio caducado.",
    dns_timeout: "Los servidores de nombres autoritativos están caídos o inaccesibles.",
    dns_error: "Una zona defectuosa, un fallo de DNSSEC o un resolutor con problemas.",
    connect_failed:
      "Nada escucha en el puerto, el equipo está caído o un cortafuegos rechaza la conexión.",
    connect_timeout:
      "Un cortafuegos que descarta paquetes, una cola llena o un problema de encaminamiento.",
    address_blocked: "Una dirección privada, local o de Cloudflare, o el puerto 25.",
    tls_failed: "Sin TLS en este puerto, sin versión común o un certificado no aceptado.",
    tls_timeout: "Un servidor que no habla TLS, o que está sobrecargado.",
    tls_certificate_expired: "La renovación falló, o el servidor no se recargó después.",
    tls_certificate_not_yet_valid:
      "Un certificado instalado demasiado pronto, o un reloj erróneo al emitirlo.",
    tls_hostname_mismatch:
      "Responde un host virtual por defecto, o falta el nombre en el certificado.",
    tls_untrusted_issuer:
      "Un certificado autofirmado, una autoridad privada o un certificado intermedio que falta.",
    upgrade_timeout: "Una aplicación sobrecargada o bloqueada tras un puerto abierto.",
    upgrade_rejected:
      "Una ruta errónea, un servidor interno que falla o un proxy que no pasa WebSocket.",
    upgrade_unauthorized: "Credenciales ausentes, erróneas o caducadas, o un origen no permitido.",
    upgrade_overloaded:
      "Se alcanzó un límite de conexiones o de peticiones, o ningún servidor interno está sano.",
    upgrade_ignored: "Un proxy que quita la cabecera Upgrade, o una ruta sin WebSocket.",
    upgrade_redirected:
      "Un punto de acceso movido, una redirección a HTTPS o una página de acceso delante.",
    upgrade_invalid:
      "Otro protocolo en este puerto, se esperaba TLS, o la conexión se cerró antes.",
    upgrade_header_missing: "Un proxy que quita cabeceras de la respuesta.",
    accept_mismatch:
      "Un servidor que no cumple la RFC 6455, o una caché que repite una respuesta antigua.",
    subprotocol_mismatch:
      "Una versión del servidor que perdió un subprotocolo, o un punto de acceso erróneo.",
    extension_unrequested: "Una implementación defectuosa de extensiones en servidor o proxy.",
    handshake_assertion_failed: "Una cabecera o un subprotocolo que cambió.",
    frame_masked: "Un servidor que forma tramas como un cliente.",
    frame_reserved_bits:
      "Tramas comprimidas sin negociación, o datos que no son tramas de WebSocket.",
    frame_opcode_unknown: "Datos que no son tramas de WebSocket, o un flujo dañado.",
    frame_control_fragmented: "Una implementación defectuosa en servidor o proxy.",
    frame_control_too_long: "Un motivo de cierre o un contenido de ping demasiado largo.",
    frame_length_invalid: "Una implementación defectuosa del servidor, o un flujo dañado.",
    continuation_unexpected: "Mensajes mezclados por un servidor que escribe desde varios hilos.",
    utf8_invalid: "Datos binarios enviados como texto, o texto cortado en medio de un carácter.",
    close_code_invalid: "Un código de cierre reservado, o una trama de cierre mal formada.",
    message_too_big: "Una avalancha inesperada, o un límite pequeño para este servicio.",
    inflate_failed: "Un servidor o proxy que pierde su contexto de compresión.",
    message_timeout:
      "Una conexión abierta pero muda: aplicación atascada o servidor interno muerto.",
    message_mismatch: "Un protocolo que cambió, un mensaje de error o daños en el camino.",
    pong_timeout: "Un bucle de eventos bloqueado, o un proxy que se traga tramas de control.",
    closed_by_peer:
      "Un reinicio, una política, una autenticación fallida o un error de la aplicación.",
    connection_lost: "Una caída, un tiempo límite del proxy o un fallo de la red.",
    close_timeout: "Un servidor que ignora las tramas de cierre o nunca cierra la conexión TCP.",
    latency_over_budget: "Carga, un servidor interno lento o un camino largo a la región.",
    certificate_expiring: "La renovación no está automatizada, o falla.",
    origin_not_enforced:
      "El servidor no comprueba la cabecera Origin: otra página puede secuestrar la conexión.",
    auth_not_enforced: "Falta la autenticación al actualizar la conexión.",
    plaintext_accepted: "El puerto 80 no está redirigido ni cerrado.",
    http_status: "Una aplicación o un proxy que falla.",
    http_body: "Una página de error, o contenido que cambió.",
    http_timeout: "Un servidor sobrecargado.",
    http_failed: "Nada responde en el puerto, o TLS falla.",
    probe_deadline: "Más comprobaciones de las que caben en una pasada.",
    probe_error: "Un error de Echoquorum o de su plataforma.",
    transport_unsupported:
      "Los pings y tramas necesitan un socket que la plataforma niega para esta dirección.",
    config_invalid: "Una sonda más antigua que el coordinador.",
  },
};
