#!/usr/bin/env bash
# Weights of one revision of a model, before the engine starts. What to do is the only argument:
#   await-bucket, await-cache  wait until the manifest is published, and say what is missing
#   fetch                      copy the files from the bucket to node NVMe, then verify
#   verify                     check every file against the manifest; reading also fills a lazily loaded cache
# Environment: MODEL SOURCE REVISION MANIFEST BUCKET PREFIX (of the revision in the bucket) DIRECTORY (on disk) and
# optionally PERIOD (seconds between two looks).
set -euo pipefail

READERS=8 # one reader keeps neither NVMe nor Lustre busy

published_in_bucket() {
  local answer
  if answer=$(aws s3api head-object --bucket "$BUCKET" --key "$PREFIX/$MANIFEST" 2>&1 >/dev/null); then
    return 0
  fi
  case $answer in
    *404* | *"Not Found"*) ;;
    *) echo "$MODEL: the bucket could not be asked: $answer" >&2 ;;
  esac
  return 1
}

published_in_cache() {
  [[ -f $DIRECTORY/$MANIFEST ]]
}

await() {
  until "$1"; do
    cat <<MISSING
$MODEL waits for its weights: s3://$BUCKET/$PREFIX/$MANIFEST is missing.
Publish revision $REVISION of $SOURCE, the files first and the manifest last:
  sha256sum of every file, by its path in the folder, into $MANIFEST
  aws s3 cp --recursive --exclude $MANIFEST . s3://$BUCKET/$PREFIX/
  aws s3 cp $MANIFEST s3://$BUCKET/$PREFIX/$MANIFEST
MISSING
    sleep "${PERIOD:-15}"
  done
  echo "$MODEL: the manifest of revision $REVISION is there"
}

fetch() {
  mkdir -p "$DIRECTORY"
  aws s3 sync --no-progress --only-show-errors "s3://$BUCKET/$PREFIX/" "$DIRECTORY/"
}

verify() {
  cd "$DIRECTORY"
  # shellcheck disable=SC2016 # the inner shell expands it
  if ! xargs --delimiter='\n' --max-args=1 --max-procs="$READERS" \
    bash -c 'sha256sum --check --strict --quiet <<<"$1"' sha256sum <"$MANIFEST"; then
    echo "$MODEL: the files named above differ from $MANIFEST. Publish revision $REVISION again." >&2
    return 1
  fi
  echo "$MODEL: $(wc -l <"$MANIFEST") files verified"
}

case ${1:-} in
  await-bucket) await published_in_bucket ;;
  await-cache) await published_in_cache ;;
  fetch)
    fetch
    # What is there would not be copied again, so files that fail must go before the next attempt.
    verify || { rm -rf "$DIRECTORY"; exit 1; }
    ;;
  verify) verify ;;
  *)
    echo "weights.sh: \"${1:-}\" is none of await-bucket, await-cache, fetch, verify" >&2
    exit 2
    ;;
esac
