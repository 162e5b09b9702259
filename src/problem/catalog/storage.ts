/** @file Problems of object storage and store archives. Data only. */

export const storageProblems = {
  BUCKET_ADDRESS_INVALID: {
    title: "The address of the bucket cannot be used",
    message: "The place of artifacts is given as s3://..., but {reason}.",
    fix: "name it as s3://BUCKET/PREFIX, with AWS_ENDPOINT_URL=https://HOST where it is not Amazon's",
    exitCode: 64,
    docs: "A bucket's address is its name and, if wanted, a prefix of plain parts. Its region and credentials come from AWS_REGION, AWS_ENDPOINT_URL (or AWS_ENDPOINT_URL_S3, MLFLOW_S3_ENDPOINT_URL), AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and by nothing that a client sends.",
  },
  BUCKET_KEYS_MISSING: {
    title: "The keys of the bucket are missing",
    message: "A bucket is to hold artifacts, but {names} is not set.",
    fix: "export AWS_ACCESS_KEY_ID=... AWS_SECRET_ACCESS_KEY=...",
    exitCode: 4,
    docs: "Keys are read from the environment alone: no file of credentials is opened and no address of a cloud's machine is asked for them.",
  },
  BUCKET_SIGNER_MISSING: {
    title: "The package that signs requests to buckets is missing",
    message: "{purpose} needs the package {package}, which cannot be loaded",
    fix: "npm install {package}",
    docs: "Requests to a bucket carry a signature. The package that makes it is loaded only where artifacts lie in a bucket.",
  },
  BUCKET_MISSING: {
    title: "There is no such bucket",
    message: "{endpoint} knows no bucket {bucket}.",
    fix: "aws s3 mb s3://{bucket}, or name another one",
    docs: "The bucket is checked before the server accepts requests. It is never created, since access rules and cost are its owner's decision.",
  },
  BUCKET_REFUSED: {
    title: "The bucket does not let these keys in",
    message: "The bucket {bucket} refused what needs the right {right}: {code}.",
    fix: "give the keys s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on {bucket}",
    docs: "Before the server answers anybody it lists the bucket and begins an upload, which it then gives up. InvalidAccessKeyId and SignatureDoesNotMatch mean wrong keys, ExpiredToken a session that is over, AccessDenied keys without the right, RequestTimeTooSkewed a clock that is wrong.",
  },
  BUCKET_REGION_WRONG: {
    title: "The bucket lies in another region",
    message: "The bucket {bucket} was requested in {asked} and is in {found}.",
    fix: "export AWS_REGION={found}",
    docs: "Signatures name a region, and a bucket takes only those of its own. Without AWS_REGION, us-east-1 is asked.",
  },
  BUCKET_UNREACHABLE: {
    title: "The bucket could not be reached",
    message: "{endpoint} gave no useful answer about the bucket {bucket}: {reason}.",
    fix: "check AWS_ENDPOINT_URL and that {endpoint} can be reached from here",
    docs: "The bucket is asked twice within ten seconds before the server answers anybody. Later on, every request is tried five times with growing pauses.",
  },
  STORE_NOT_FOUND: {
    title: "There is no store",
    message: "{path} holds no store of tunewise.",
    fix: "name the folder or database with --store",
    docs: "A backup reads a store that is there and makes none. The store is a file tunewise.db in the folder of runs, or a PostgreSQL database that `tunewise serve` was started with.",
  },
  STORE_NOT_EMPTY: {
    title: "The store is not empty",
    message: "{path} holds {rows} rows already, of {table} among others.",
    fix: "name a store that nothing was written to: --store PLACE",
    docs: "An archive is restored as a whole into a store without content, so that nothing of two stores is mixed and nothing is lost. There is no way to force it.",
  },
  ARTIFACTS_NOT_EMPTY: {
    title: "The place of files is not empty",
    message: "{place} holds files already, {name} among others.",
    fix: "name an empty place: --artifacts PLACE",
    docs: "Files of an archive are restored into an empty folder or an empty prefix of a bucket, so that none of another store is replaced. A restore that was killed leaves files behind; remove them, or name another place.",
  },
  ARCHIVE_EXISTS: {
    title: "There is a file of that name",
    message: "{path} is there already.",
    fix: "name another file",
    exitCode: 64,
    docs: "A backup never replaces a file, as it may be the last good one.",
  },
  ARCHIVE_WRITE_FAILED: {
    title: "The archive could not be written",
    message: "Could not write {path}: {reason}. Nothing of it was kept.",
    fix: "free some space or name another disk, then repeat the command",
    docs: "An archive is written under another name beside its place and gets its own name once it is whole and on the disk.",
  },
  ARCHIVE_DAMAGED: {
    title: "The archive is not whole",
    message: "{path} cannot be restored: {reason}. The store is as it was.",
    fix: "take another copy of the archive",
    docs: "Every byte of an archive is covered by a digest and checked before anything is written: a file that is cut short, changed, or not made by `tunewise store backup` is refused as a whole.",
  },
  ARCHIVE_NEWER: {
    title: "The archive was written by a newer tunewise",
    message: "{path} has {what} {found}; this tunewise knows versions up to {known}.",
    fix: "update tunewise: git pull && npm ci && npm run build in its folder",
    docs: "Archives of earlier versions are restored and brought to today's schema. A newer one may hold what this version would lose, and is refused.",
  },
} as const;
