/**
 * @file The GraphQL schema: the part of W&B's API that a client needs to log runs, files and artifacts, to resume a
 * run, and to fetch artifacts. Clients introspect it, and omit unsupported fields.
 *
 * @source wandb/wandb core/api/graphql, wandb/sdk/artifacts/_generated/operations.py
 */

const inputs = `
scalar JSONString
scalar JSON
scalar DateTime
scalar Int64
scalar Duration

enum ArtifactDigestAlgorithm { MANIFEST_MD5 }
enum ArtifactManifestType { FULL PATCH INCREMENTAL }
enum ArtifactStorageLayout { V1 V2 }
enum AlertSeverity { INFO WARN ERROR }

input UpsertBucketInput {
  id: String  name: String  groupName: String  modelName: String  entityName: String  description: String
  displayName: String  notes: String  commit: String  config: JSONString  host: String  debug: Boolean
  jobProgram: String  jobRepo: String  jobType: String  state: String  sweep: String  tags: [String!]
  summaryMetrics: JSONString
}
input CreateRunFilesInput { entityName: String!  projectName: String!  runName: String!  files: [String!]! }
input MarkRunFilesUploadedInput { entityName: String!  projectName: String!  runName: String!  files: [String!]! }
input StopRunInput { id: ID! }
input CreateArtifactTypeInput { entityName: String  projectName: String  name: String!  description: String }
input ArtifactAliasInput { artifactCollectionName: String  alias: String! }
input TagInput { tagName: String! }
input CreateArtifactInput {
  entityName: String!  projectName: String!  artifactTypeName: String!  artifactCollectionName: String
  artifactCollectionNames: [String!]  runName: String  description: String  digest: String!
  digestAlgorithm: ArtifactDigestAlgorithm  aliases: [ArtifactAliasInput!]  tags: [TagInput!]  metadata: JSONString
  historyStep: Int64  enableDigestDeduplication: Boolean  distributedID: String  clientID: ID  sequenceClientID: ID
  ttlDurationSeconds: Int64
}
input CreateArtifactManifestInput {
  artifactID: ID!  baseArtifactID: ID  name: String!  digest: String!  entityName: String!  projectName: String!
  runName: String!  type: ArtifactManifestType
}
input UpdateArtifactManifestInput { artifactManifestID: ID!  digest: String  baseArtifactID: ID }
input CreateArtifactFileSpecInput {
  artifactID: ID!  name: String!  md5: String!  mimetype: String  artifactManifestID: ID
}
input CreateArtifactFilesInput { artifactFiles: [CreateArtifactFileSpecInput!]!  storageLayout: ArtifactStorageLayout }
input CommitArtifactInput { artifactID: ID! }
input ArtifactCollectionAliasInput {
  entityName: String  projectName: String  artifactCollectionName: String!  alias: String!
}
input AddAliasesInput { artifactID: ID!  aliases: [ArtifactCollectionAliasInput!]!  clientMutationId: String }
input DeleteAliasesInput { artifactID: ID!  aliases: [ArtifactCollectionAliasInput!]!  clientMutationId: String }
input DeleteArtifactInput { artifactID: ID!  deleteAliases: Boolean  clientMutationId: String }
input DeleteRunInput { id: ID!  deleteArtifacts: Boolean  clientMutationId: String }
input DeleteFilesInput { files: [ID!]!  projectId: Int }
input UpdateRunStateInput { id: ID!  state: String!  clientMutationId: String }
input NotifyScriptableRunAlertInput {
  entityName: String!  projectName: String!  runName: String!  title: String!  text: String!  severity: AlertSeverity
  waitDuration: Duration
}
input RewindRunInput {
  entityName: String  projectName: String  runName: String!  metricName: String!  metricValue: Float!
}
input UseArtifactInput {
  entityName: String!  projectName: String!  runName: String!  artifactID: ID!  usedAs: String
  artifactEntityName: String  artifactProjectName: String
}
input UpdateArtifactInput {
  artifactID: ID!  description: String  metadata: JSONString  aliases: [ArtifactAliasInput!]  labels: JSONString
  tagsToAdd: [TagInput!]  tagsToDelete: [TagInput!]  ttlDurationSeconds: Int64
}
`;

const roots = `
type Query {
  viewer: User
  serverInfo: ServerInfo
  entity(name: String): Entity
  model(name: String, entityName: String): Project
  project(name: String, entityName: String): Project
  artifact(id: ID!): Artifact
  models(entityName: String, after: String, first: Int): ProjectConnection
  artifactCollection(id: ID!): ArtifactCollection
  clientIDMapping(clientID: ID!): ClientIDMapping
}
type Mutation {
  upsertBucket(input: UpsertBucketInput!): UpsertBucketPayload
  createRunFiles(input: CreateRunFilesInput!): CreateRunFilesPayload
  markRunFilesUploaded(input: MarkRunFilesUploadedInput!): SuccessPayload
  stopRun(input: StopRunInput!): SuccessPayload
  createArtifactType(input: CreateArtifactTypeInput!): CreateArtifactTypePayload
  createArtifact(input: CreateArtifactInput!): CreateArtifactPayload
  createArtifactManifest(input: CreateArtifactManifestInput!): ArtifactManifestPayload
  updateArtifactManifest(input: UpdateArtifactManifestInput!): ArtifactManifestPayload
  createArtifactFiles(input: CreateArtifactFilesInput!): CreateArtifactFilesPayload
  commitArtifact(input: CommitArtifactInput!): ArtifactPayload
  useArtifact(input: UseArtifactInput!): ArtifactPayload
  updateArtifact(input: UpdateArtifactInput!): ArtifactPayload
  deleteArtifact(input: DeleteArtifactInput!): ArtifactPayload
  addAliases(input: AddAliasesInput!): SuccessPayload
  deleteAliases(input: DeleteAliasesInput!): SuccessPayload
  deleteRun(input: DeleteRunInput!): DeleteRunPayload
  updateRunState(input: UpdateRunStateInput!): SuccessPayload
  deleteFiles(input: DeleteFilesInput!): SuccessPayload
  notifyScriptableRunAlert(input: NotifyScriptableRunAlertInput!): SuccessPayload
  rewindRun(input: RewindRunInput!): RewindRunPayload
}
type ServerInfo { features: [ServerFeature!]!  cliVersionInfo: JSON  latestLocalVersionInfo: LocalVersionInfo }
type LocalVersionInfo { outOfDate: Boolean  latestVersionString: String  versionOnThisInstanceString: String }
# wandb 0.21 looks this one up when it sends an offline run, and fails where there is none.
type ServerSettings { name: String }
type ServerFeature { name: String!  isEnabled: Boolean! }
type User {
  id: ID!  entity: String  username: String  name: String  email: String  admin: Boolean  flags: JSONString
  deletedAt: DateTime  apiKeys: ApiKeyConnection  teams: EntityConnection
}
type ApiKeyConnection { edges: [ApiKeyEdge!]! }
type ApiKeyEdge { node: ApiKey }
type ApiKey { id: ID!  name: String  description: String }
type EntityConnection { edges: [EntityEdge!]! }
type EntityEdge { node: Entity }
type Entity {
  id: ID!  name: String!  isTeam: Boolean  organization: Organization  available: Boolean  readOnly: Boolean
  readOnlyAdmin: Boolean  entityType: String  privateOnly: Boolean  storageBytes: Int64  codeSavingEnabled: Boolean
  defaultAccess: String  isPaid: Boolean  photoUrl: String  members: [Member!]  user: EntityUser
}
type EntityUser { organizations: [Organization!] }
type Member {
  id: ID  admin: Boolean  pending: Boolean  email: String  username: String  name: String  photoUrl: String
  accountType: String  apiKey: String
}
type Organization { name: String!  orgEntity: Entity  coreWeaveOrganizationId: String }
type ClientIDMapping { serverID: ID! }
type SuccessPayload { success: Boolean!  clientMutationId: String }
type UpsertBucketPayload { bucket: Run  inserted: Boolean }
type DeleteRunPayload { clientMutationId: String  success: Boolean }
type RewindRunPayload { rewoundRun: Run }
type CreateRunFilesPayload { runID: ID!  uploadHeaders: [String!]!  files: [File!]! }
type CreateArtifactTypePayload { artifactType: ArtifactType! }
type CreateArtifactPayload { artifact: Artifact! }
type ArtifactPayload { artifact: Artifact!  success: Boolean }
type ArtifactManifestPayload { artifactManifest: ArtifactManifest! }
type CreateArtifactFilesPayload { files: FileConnection! }
`;

const nouns = `
type Project {
  id: ID!  internalId: ID  name: String!  entityName: String!  entity: Entity!  description: String
  createdAt: DateTime  isBenchmark: Boolean  readOnly: Boolean  access: String  user: User
  runCount(filters: JSONString): Int!
  runs(filters: JSONString, after: String, first: Int, order: String): RunConnection
  totalSweeps: Int  sweeps(after: String, first: Int, filters: JSONString): SweepConnection
  sweep(sweepName: String): Sweep
  run(name: String!, desc: String): Run
  buckets(after: String, first: Int, order: String): RunConnection
  allViews(viewType: String, viewName: String, after: String, first: Int): ViewConnection
  bucket(name: String!, missingOk: Boolean, desc: String): Run
  artifactType(name: String!): ArtifactType
  artifactTypes(after: String, first: Int): ArtifactTypeConnection
  artifactCollections(after: String, first: Int, filters: JSONString, order: String): ArtifactCollectionConnection
  artifact(name: String!, enableTracking: Boolean): Artifact
  artifactCollection(name: String!): ArtifactCollection
  artifactCollectionMembership(name: String!): ArtifactCollectionMembership
}
type ProjectConnection { edges: [ProjectEdge!]!  pageInfo: PageInfo! }
type ProjectEdge { node: Project  cursor: String }
# Reports and saved views: there are none.
type ViewConnection { edges: [ViewEdge!]!  pageInfo: PageInfo! }
type ViewEdge { node: View  cursor: String }
type View { id: ID!  name: String }
type RunConnection { edges: [RunEdge!]!  pageInfo: PageInfo!  totalCount: Int }
type RunEdge { node: Run  cursor: String }
type SweepConnection { edges: [SweepEdge!]!  pageInfo: PageInfo!  totalCount: Int }
type SweepEdge { node: Sweep  cursor: String }
# There are none: lists of them are empty.
type Sweep {
  id: ID!  name: String!  displayName: String  method: String  state: String  description: String  bestLoss: Float
  config: String  createdAt: DateTime  updatedAt: DateTime  runCount: Int  runCountExpected: Int
}
type Run {
  id: ID!  projectId: ID  name: String!  displayName: String  description: String  notes: String  config: JSONString
  summaryMetrics: JSONString  systemMetrics: JSONString  sweepName: String  project: Project!  tags: [String!]
  group: String  groupName: String  jobType: String  commit: String  host: String  user: User  readOnly: Boolean
  state: String  stopped: Boolean  createdAt: DateTime  heartbeatAt: DateTime  updatedAt: DateTime
  historyLineCount: Int  eventsLineCount: Int  logLineCount: Int  historyTail: JSONString  eventsTail: JSONString
  historyKeys: JSON  wandbConfig(keys: [String!]): JSONString
  history(minStep: Int64, maxStep: Int64, samples: Int): [JSONString!]
  events(samples: Int): [JSONString!]
  sampledHistory(specs: [JSONString!]!): [JSON!]
  parquetHistory(liveKeys: [String!]): ParquetHistory
  logLines(first: Int, after: String, last: Int, useImprovedPagination: Boolean): LogLineConnection
  fileCount: Int
  files(names: [String], first: Int, after: String, pattern: String, upload: Boolean): FileConnection
  inputArtifacts(after: String, first: Int): ArtifactConnection
  outputArtifacts(after: String, first: Int): ArtifactConnection
  alerts: [RunAlert!]
}
type RunAlert { title: String!  text: String!  severity: AlertSeverity!  createdAt: DateTime! }
type ParquetHistory { parquetUrls: [String!]!  liveData: [JSON!] }
type LogLineConnection { edges: [LogLineEdge!]!  pageInfo: PageInfo!  totalCount: Int }
type LogLineEdge { node: LogLine  cursor: String }
type LogLine { number: Int!  timestamp: DateTime  level: String  label: String  line: String! }
type File {
  id: ID  name: String!  displayName: String  url(upload: Boolean): String  directUrl: String  uploadUrl: String
  uploadHeaders: [String!]!  uploadMultipartUrls: UploadMultipartUrls  sizeBytes: Int64  storagePath: String
  mimetype: String  updatedAt: DateTime  digest: String  md5: String  artifact: Artifact
}
type UploadMultipartUrls { uploadID: ID!  uploadUrlParts: [UploadUrlPart!]! }
type UploadUrlPart { partNumber: Int64!  uploadUrl: String! }
type FileConnection { totalCount: Int  uploadHeaders: [String!]!  pageInfo: PageInfo!  edges: [FileEdge!]! }
type FileEdge { node: File  cursor: String }
type PageInfo { endCursor: String  hasNextPage: Boolean! }
type ArtifactType {
  id: ID!  name: String!  description: String  createdAt: DateTime
  artifactCollection(name: String!): ArtifactCollection
  artifactCollections(after: String, first: Int, filters: JSONString, order: String): ArtifactCollectionConnection
  artifactSequences(after: String, first: Int): ArtifactCollectionConnection
  artifactSequence(name: String!): ArtifactSequence
  artifact(name: String!): Artifact
}
type ArtifactTypeConnection { edges: [ArtifactTypeEdge!]!  pageInfo: PageInfo!  totalCount: Int }
type ArtifactTypeEdge { node: ArtifactType  cursor: String }
type ArtifactCollectionConnection { edges: [ArtifactCollectionEdge!]!  pageInfo: PageInfo!  totalCount: Int }
type ArtifactCollectionEdge { node: ArtifactCollection  cursor: String }
type ArtifactConnection { edges: [ArtifactEdge!]!  pageInfo: PageInfo!  totalCount: Int }
type VersionedArtifactConnection { edges: [ArtifactEdge!]!  pageInfo: PageInfo!  totalCount: Int }
type ArtifactEdge { node: Artifact  cursor: String  version: String }
type ArtifactAliasConnection { edges: [ArtifactAliasEdge!]!  pageInfo: PageInfo! }
type ArtifactAliasEdge { node: ArtifactAlias  cursor: String }
type ArtifactMembershipConnection { edges: [ArtifactMembershipEdge!]!  pageInfo: PageInfo!  totalCount: Int }
type ArtifactMembershipEdge { node: ArtifactCollectionMembership  cursor: String }
interface ArtifactCollection {
  id: ID!  name: String!  description: String  createdAt: DateTime  updatedAt: DateTime  project: Project
  defaultArtifactType: ArtifactType  latestArtifact: Artifact  tags: TagConnection  state: String
  artifactMembership(aliasName: String): ArtifactCollectionMembership  versionCount: Int
  aliases(after: String, first: Int): ArtifactAliasConnection
  artifacts(after: String, first: Int, order: String, filters: JSONString): VersionedArtifactConnection
}
type ArtifactSequence implements ArtifactCollection {
  id: ID!  name: String!  description: String  createdAt: DateTime  updatedAt: DateTime  project: Project
  defaultArtifactType: ArtifactType  latestArtifact: Artifact  tags: TagConnection  state: String
  artifactMembership(aliasName: String): ArtifactCollectionMembership  versionCount: Int
  aliases(after: String, first: Int): ArtifactAliasConnection
  artifacts(after: String, first: Int, order: String, filters: JSONString): VersionedArtifactConnection
}
type TagConnection { edges: [TagEdge!]! }
type TagEdge { node: Tag }
type Tag { id: ID!  name: String! }
type ArtifactAlias { id: ID!  alias: String!  artifactCollection: ArtifactCollection }
type ArtifactCollectionMembership {
  id: ID!  versionIndex: Int  createdAt: DateTime  aliases: [ArtifactAlias!]!  artifactCollection: ArtifactCollection
  artifact: Artifact  files(names: [String!], after: String, first: Int): FileConnection
}
type ArtifactManifest { id: ID!  file: File! }
type Artifact {
  id: ID!  artifactSequence: ArtifactSequence  versionIndex: Int  artifactType: ArtifactType  description: String
  metadata: JSONString  ttlDurationSeconds: Int64  ttlIsInherited: Boolean  tags: [Tag!]!  historyStep: Int64
  state: String!  size: Int64  digest: String!  digestAlgorithm: ArtifactDigestAlgorithm  commitHash: String
  fileCount: Int64  createdAt: DateTime  updatedAt: DateTime  aliases: [ArtifactAlias!]!
  currentManifest: ArtifactManifest  createdBy: Run  usedBy: RunConnection  isLink: Boolean
  artifactMemberships(after: String, first: Int): ArtifactMembershipConnection
  files(names: [String!], after: String, first: Int): FileConnection
}
`;

/** The schema. */
export const schemaText: string = inputs + roots + nouns;
