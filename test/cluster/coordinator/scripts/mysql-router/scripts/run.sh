#!/bin/sh
# The main program of a router's container: has the router make its configuration from
# what a member's metadata say, and runs it.
set -eu
home=/scripts/router

bootstrap() {
    for ip in $(getent ahostsv4 "$GOV_SVC.$POD_NAMESPACE.svc" | awk '$2 == "STREAM" { print $1 }'); do
        if echo "$MYSQL_ROOT_PASSWORD" | mysqlrouter_bootstrap "root@$ip:3306" --directory "$home" --force \
            --name "$POD_NAME" --report-host "$POD_NAME.$GOV_SVC.$POD_NAMESPACE.svc" --conf-set-option=DEFAULT.logging_folder=; then
            return 0
        fi
    done
    return 1
}

until [ -e "$home/mysqlrouter.conf" ] || bootstrap; do
    sleep 1
done
exec mysqlrouter -c "$home/mysqlrouter.conf"
