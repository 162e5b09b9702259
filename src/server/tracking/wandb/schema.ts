/**
 * @file What can be asked for, in GraphQL's own words: the part of W&B's interface that a client needs to log runs,
 * files and artifacts, to go on with a run, and to fetch artifacts. Clients read it, and leave out what is not there.
 *
 * @source wandb/wandb core/api/graphql, wandb/sdk/artifacts/_generated/operations.py
 */

const inputs = `
scalar JSONString
scalar JSON
scalar DateTime
scalar Int64

enum ArtifactDigestAlgorithm { MANIFEST_MD5 }
enum ArtifactManifestType { FULL PATCH INCREMENTAL }
enum ArtifactStorageLayout { V1 V2 }

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
input UseArtifactInput { entityName: String!  projectName: String!  runName: String!  artifactID: ID!  usedAs: String }
input UpdateArtifactInput {
  artifactID: ID!  description: String  metadata: JSONString  aliases: [ArtifactAliasInput!]
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
}
type ServerInfo { features: [ServerFeature!]!  cliVersionInfo: JSON  latestLocalVersionInfo: JSON }
# wandb 0.21 looks this one up when it sends an offline run, and fails where there is none.
type ServerSettings { name: String }
type ServerFeature { name: String!  isEnabled: Boolean! }
type User {
  id: ID!  entity: String  username: String  name: String  email: String  admin: Boolean  flags: JSONString
  teams: EntityConnection
}
type EntityConnection { edges: [EntityEdge!]! }
type EntityEdge { node: Entity }
type Entity { id: ID!  name: String!  isTeam: Boolean  organization: Organization }
type Organization { name: String!  orgEntity: Entity  coreWeaveOrganizationId: String }
type ClientIDMapping { serverID: ID! }
type SuccessPayload { success: Boolean! }
type UpsertBucketPayload { bucket: Run  inserted: Boolean }
type CreateRunFilesPayload { runID: ID!  uploadHeaders: [String!]!  files: [File!]! }
type CreateArtifactTypePayload { artifactType: ArtifactType! }
type CreateArtifactPayload { artifact: Artifact! }
type ArtifactPayload { artifact: Artifact! }
type ArtifactManifestPayload { artifactManifest: ArtifactManifest! }
type CreateArtifactFilesPayload { files: FileConnection! }
`;

const nouns = `
type Project {
  id: ID!  internalId: ID  name: String!  entityName: String!  entity: Entity!
  run(name: String!): Run
  bucket(name: String!, missingOk: Boolean, desc: String): Run
  artifactType(name: String!): ArtifactType
  artifact(name: String!, enableTracking: Boolean): Artifact
  artifactCollection(name: String!): ArtifactCollection
  artifactCollectionMembership(name: String!): ArtifactCollectionMembership
}
type Run {
  id: ID!  name: String!  displayName: String  description: String  notes: String  config: JSONString
  summaryMetrics: JSONString  sweepName: String  project: Project!  tags: [String!]  groupName: String  jobType: String
  state: String  stopped: Boolean  createdAt: DateTime  heartbeatAt: DateTime
  historyLineCount: Int  eventsLineCount: Int  logLineCount: Int  historyTail: JSONString  eventsTail: JSONString
  wandbConfig(keys: [String!]): JSONString
  files(names: [String], first: Int, after: String): FileConnection
}
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
type ArtifactType { id: ID!  name: String!  description: String  createdAt: DateTime }
interface ArtifactCollection {
  id: ID!  name: String!  description: String  createdAt: DateTime  updatedAt: DateTime  project: Project
  defaultArtifactType: ArtifactType  latestArtifact: Artifact  tags: TagConnection
  artifactMembership(aliasName: String): ArtifactCollectionMembership
}
type ArtifactSequence implements ArtifactCollection {
  id: ID!  name: String!  description: String  createdAt: DateTime  updatedAt: DateTime  project: Project
  defaultArtifactType: ArtifactType  latestArtifact: Artifact  tags: TagConnection
  artifactMembership(aliasName: String): ArtifactCollectionMembership
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
  currentManifest: ArtifactManifest  createdBy: Run
  files(names: [String!], after: String, first: Int): FileConnection
}
`;

/** The schema. */
export const schemaText: string = inputs + roots + nouns;
