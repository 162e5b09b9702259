/** @file Rules for code hosts and build services: GitHub, GitLab, package registries, pipelines. */
import { assigned, type SecretRule, token } from "../rule.ts";

/** Hosts, registries and pipelines. */
export const codeHostRules: readonly SecretRule[] = [
  token("github-refresh", "GitHub refresh token", "ghr_<base62:36-76>"),
  token(
    "gitlab-personal-routed",
    "GitLab personal access token with routing",
    "glpat-<base64url:27-300>.<lower36:2>.<lower36:9>",
  ),
  token("gitlab-runner-routed", "GitLab runner token of a type", "glrt-t<digit:1>_<base64url:20-120>"),
  token("bitbucket-app", "Bitbucket app password", "ATBB<base62:32>", { kind: "PASSWORD" }),
  token("bitbucket-access", "Bitbucket repository access token", "ATCTT3xFfGN0<word:100-250>=<upperHex:8>"),
  assigned("bitbucket-client", "Bitbucket OAuth secret", "bitbucket", "<base62:32>"),
  token("pypi-test", "TestPyPI API token", "pypi-AgENdGVzdC5weXBpLm9yZw<base64url:50-300>"),
  token("crates", "crates.io API token", "cio<base62:32>"),
  token("nuget", "NuGet API key", "oy2<lower36:43>"),
  token("docker-personal", "Docker Hub personal access token", "dckr_pat_<base64url:27>"),
  token("docker-organization", "Docker Hub organization access token", "dckr_oat_<base64url:32>"),
  token("jfrog-reference", "JFrog reference token", "cmVmdGtuOj<base64url:50-60>"),
  token("circleci-personal", "CircleCI personal token", "CCIPAT_<base62:22>_<hex:40>"),
  token("circleci-project", "CircleCI project token", "CCIPRJ_<base62:22>_<hex:40>"),
  assigned("circleci", "CircleCI API token", "circleci|circle_", "<hex:40>"),
  token("buildkite-user", "Buildkite API access token", "bkua_<hex:40>"),
  token("buildkite-agent", "Buildkite agent token", "bkct_<base64url:50-80>"),
  assigned("drone", "Drone CI access token", "drone", "<base62:32>"),
  assigned("codecov", "Codecov upload token", "codecov", "<uuid>"),
  assigned("coveralls", "Coveralls repository token", "coveralls", "<base62:32-34>"),
  token("sonar-user", "SonarQube user token", "squ_<hex:40>"),
  token("sonar-project", "SonarQube project token", "sqp_<hex:40>"),
  token("sonar-global", "SonarQube global analysis token", "sqa_<hex:40>"),
  assigned("sonar", "SonarQube or SonarCloud token", "sonar", "<hex:40>"),
  token("launchdarkly-sdk", "LaunchDarkly SDK key", "sdk-<uuid>"),
  token("launchdarkly-api", "LaunchDarkly API token", "api-<uuid>"),
];
