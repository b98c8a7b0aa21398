#!/bin/sh
# Takes a folder (/passwords), gives its file "settings": what the parts of compose.yaml need to find and to trust each other.
# The passwords in it are made on the first start and kept; those that are set in .env go before them.
set -eu
folder=${1:-/passwords}
[ -s "$folder/settings" ] && exit

made() { head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n'; }
flower=$(made) ladle=$(made)
cat >"$folder/draft" <<END
# Read by the shell of each container before its program starts.
: "\${POSTGRES_PASSWORD:=$(made)}" "\${VALKEY_PASSWORD:=$(made)}"
: "\${AWS_ACCESS_KEY_ID:=ladle}" "\${AWS_SECRET_ACCESS_KEY:=$(made)}"
: "\${LADLE_SECRET_KEY:=$(made)}" "\${FLOWER_BASIC_AUTH:=ladle:$flower}"
: "\${LADLE_FIRST_USER:=ladle}" "\${LADLE_FIRST_PASSWORD:=$ladle}"
DATABASE_URL="postgres://ladle:\$POSTGRES_PASSWORD@postgres:5432/ladle"
LADLE_BROKER_URL="redis://:\$VALKEY_PASSWORD@valkey:6379/0"
LADLE_QUOTA_URL="redis://:\$VALKEY_PASSWORD@valkey:6379/1"
CELERY_BROKER_URL="\$LADLE_BROKER_URL"
LADLE_HOME="s3://ladle/home" AWS_ENDPOINT_URL_S3="http://s3:8333" AWS_REGION="us-east-1"
export POSTGRES_PASSWORD VALKEY_PASSWORD AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY LADLE_SECRET_KEY FLOWER_BASIC_AUTH
export LADLE_FIRST_USER LADLE_FIRST_PASSWORD
export DATABASE_URL LADLE_BROKER_URL LADLE_QUOTA_URL CELERY_BROKER_URL LADLE_HOME AWS_ENDPOINT_URL_S3 AWS_REGION
END
chmod 444 "$folder/draft" # the containers' users differ; nobody else mounts the folder
mv "$folder/draft" "$folder/settings" # whole or not at all
echo "Flower asks for user ladle, password $flower, unless FLOWER_BASIC_AUTH is set."
echo "Ladle asks for user ladle, password $ladle, unless LADLE_FIRST_USER and LADLE_FIRST_PASSWORD are set."
