/** What alerts say in Portuguese. */
import type { AlertCatalogue } from "./alert-catalogue.ts";

/** Portuguese. */
export const PT: AlertCatalogue = {
  severities: { critical: "crítica", warning: "aviso", info: "informação" },
  titles: {
    seen: { one: "{title} ({some} de {n} região)", other: "{title} ({some} de {n} regiões)" },
    now: "Agora: {title}",
    still: "Continua: {title}",
    recovered: "{name} voltou a funcionar após {duration}",
    unheard: "{past} por {duration} e voltou a funcionar",
    test: "[Teste] {title}",
    alerts: { one: "{n} alerta", other: "{n} alertas" },
    resolved: { one: "{n} alerta encerrado", other: "{n} alertas encerrados" },
    both: "{alerts}, {resolved}",
    expires: {
      one: "O certificado de {name} expira em {n} dia",
      other: "O certificado de {name} expira em {n} dias",
    },
    expired: "O certificado de {name} expirou",
    certificateOver: "O aviso sobre o certificado de {name} terminou",
    blind: "O Echoquorum não vê nada: o monitoramento está prejudicado",
    blindOver: "O Echoquorum voltou a ver",
    unknown: "Nada se sabe sobre {name}",
    unknownOver: "A falta de informação sobre {name} terminou",
    region: "A região {place} não pode votar",
    regionOver: "O problema da região {place} terminou",
    history: {
      one: "{n} incidente começou e terminou enquanto o Echoquorum estava ausente",
      other: "{n} incidentes começaram e terminaram enquanto o Echoquorum estava ausente",
    },
  },
  texts: {
    recovered: "{quorum} Duração: {duration}, de {from} a {to}.",
    test: "Este é um teste do canal {channel}: está tudo bem. Um alerta real é assim: {quorum}",
    down: { one: "{n} serviço fora do ar.", other: "{n} serviços fora do ar." },
    others: { one: "{titles}; e mais {n}", other: "{titles}; e mais {n}" },
    blind:
      "Nenhuma região pode votar. Até que isso termine, nada se sabe de nenhum serviço; " +
      "isto nada diz sobre os serviços.",
    blindOver: "As regiões voltaram a votar.",
    unknown: "Pode estar funcionando ou fora do ar: ninguém pode julgar.",
    unknownOver: "Voltou a ser julgado, ou não é mais monitorado.",
    region:
      "É um problema da própria região do Echoquorum e de nenhum alvo. " +
      "Enquanto isso, as outras regiões julgam os serviços.",
    regionOver: "Voltou a votar, ou não é mais usada.",
    history: "O Echoquorum esteve ausente. Nesse tempo:",
  },
  labels: {
    monitor: "Serviço",
    severity: "Gravidade",
    since: "Desde",
    until: "Até",
    duration: "Duração",
    reason: "Motivo",
    meaning: "O que foi visto",
    cause: "Causa habitual",
    certificate: "Certificado",
    timeline: "Linha do tempo",
    diagnosis: "HTTP ao lado",
    incident: "Abrir o incidente",
    page: "Abrir a página de status",
    evidence: "captura de pacotes",
    more: { one: "… e mais {n}", other: "… e mais {n}" },
    uncounted: "não conta",
    valid: {
      one: "{subject}, emitido por {issuer}, válido até {until} ({n} dia)",
      other: "{subject}, emitido por {issuer}, válido até {until} ({n} dias)",
    },
    expired: "{subject}, emitido por {issuer}, expirado em {until}",
  },
  causes: {
    dns_not_found: "Um registro DNS apagado ou mal digitado, ou um domínio expirado.",
    dns_timeout: "Os servidores de nomes autoritativos estão fora do ar ou inacessíveis.",
    dns_error: "Uma zona defeituosa, uma falha de DNSSEC ou um resolvedor com problemas.",
    connect_failed: "Nada escuta na porta, o host está fora do ar ou um firewall recusa a conexão.",
    connect_timeout:
      "Um firewall que descarta pacotes, uma fila cheia ou um problema de roteamento.",
    address_blocked: "Um endereço privado, local ou da Cloudflare, ou a porta 25.",
    tls_failed: "Sem TLS nesta porta, sem versão em comum ou um certificado não aceito.",
    tls_timeout: "Um servidor que não fala TLS, ou que está sobrecarregado.",
    tls_certificate_expired: "A renovação falhou, ou o servidor não foi recarregado depois.",
    tls_certificate_not_yet_valid:
      "Um certificado instalado cedo demais, ou um relógio errado na emissão.",
    tls_hostname_mismatch: "Um host virtual padrão responde, ou o nome falta no certificado.",
    tls_untrusted_issuer:
      "Um certificado autoassinado, uma autoridade privada ou um intermediário que falta.",
    upgrade_timeout: "Uma aplicação sobrecarregada ou travada atrás de uma porta aberta.",
    upgrade_rejected:
      "Um caminho errado, um servidor interno com falha ou um proxy que não passa WebSocket.",
    upgrade_unauthorized:
      "Credenciais ausentes, erradas ou expiradas, ou uma origem não permitida.",
    upgrade_overloaded:
      "Um limite de conexões ou de taxa foi atingido, ou nenhum servidor interno está saudável.",
    upgrade_ignored: "Um proxy que remove o cabeçalho Upgrade, ou um caminho sem WebSocket.",
    upgrade_redirected:
      "Um endpoint movido, um redirecionamento para HTTPS ou uma página de login na frente.",
    upgrade_invalid:
      "Outro protocolo nesta porta, TLS esperado, ou a conexão fechada antes da resposta.",
    upgrade_header_missing: "Um proxy que remove cabeçalhos da resposta.",
    accept_mismatch:
      "Um servidor que não segue a RFC 6455, ou um cache que repete uma resposta antiga.",
    subprotocol_mismatch:
      "Uma versão do servidor que perdeu um subprotocolo, ou um endpoint errado.",
    extension_unrequested: "Uma implementação defeituosa de extensões no servidor ou no proxy.",
    handshake_assertion_failed: "Um cabeçalho ou subprotocolo que mudou.",
    frame_masked: "Um servidor que forma quadros como um cliente.",
    frame_reserved_bits:
      "Quadros comprimidos sem negociação, ou dados que não são quadros WebSocket.",
    frame_opcode_unknown: "Dados que não são quadros WebSocket, ou um fluxo corrompido.",
    frame_control_fragmented: "Uma implementação defeituosa no servidor ou no proxy.",
    frame_control_too_long: "Um motivo de fechamento ou conteúdo de ping longo demais.",
    frame_length_invalid: "Uma implementação defeituosa do servidor, ou um fluxo corrompido.",
    continuation_unexpected:
      "Mensagens entrelaçadas por um servidor que escreve de várias threads.",
    utf8_invalid: "Dados binários enviados como texto, ou texto cortado no meio de um caractere.",
    close_code_invalid: "Um código de fechamento reservado, ou um quadro malformado.",
    message_too_big: "Uma enxurrada inesperada, ou um limite pequeno para este serviço.",
    inflate_failed: "Um servidor ou proxy que perde seu contexto de compressão.",
    message_timeout: "Uma conexão aberta mas muda: aplicação travada ou servidor interno morto.",
    message_mismatch: "Um protocolo que mudou, uma mensagem de erro ou dano no caminho.",
    pong_timeout: "Um laço de eventos bloqueado, ou um proxy que engole quadros de controle.",
    closed_by_peer:
      "Um reinício, uma política, uma autenticação que falhou ou um erro da aplicação.",
    connection_lost: "Uma queda, um tempo limite do proxy ou uma falha da rede.",
    close_timeout: "Um servidor que ignora quadros de fechamento ou nunca fecha a conexão TCP.",
    latency_over_budget: "Carga, um servidor interno lento ou um caminho longo até a região.",
    certificate_expiring: "A renovação não está automatizada, ou falha.",
    origin_not_enforced:
      "O servidor não verifica o cabeçalho Origin: outra página pode sequestrar a conexão.",
    auth_not_enforced: "Falta autenticação no upgrade.",
    plaintext_accepted: "A porta 80 não está redirecionada nem fechada.",
    http_status: "Uma aplicação ou um proxy com falha.",
    http_body: "Uma página de erro, ou conteúdo que mudou.",
    http_timeout: "Um servidor sobrecarregado.",
    http_failed: "Nada responde na porta, ou o TLS falha.",
    probe_deadline: "Mais verificações do que cabem em uma passagem.",
    probe_error: "Um erro do Echoquorum ou de sua plataforma.",
    transport_unsupported:
      "Pings e quadros brutos precisam de um socket que a plataforma nega a este endereço.",
    config_invalid: "Uma sonda mais antiga que o coordenador.",
  },
};
