#!/bin/sh
# Starts workerd in place of this shell, after noting the process id it will have: leash.ts kills
# that process when its parent is gone. Run by Miniflare, never by hand.
echo $$ > "$ECHOQUORUM_WORKERD_PID_FILE"
exec "$ECHOQUORUM_WORKERD" "$@"
