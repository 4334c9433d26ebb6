/* The kinds of failures by name: the words that programs read, and the classes of DVC's Python API.
 */
#include "base/err.h"

static const struct {
	const char *word, *class;
} names[KIND_COUNT] = {
	[KIND_NONE] = {"failure", "dvc.exceptions.DvcException"},
	[KIND_FAILURE] = {"failure", "dvc.exceptions.DvcException"},
	[KIND_PATH_MISSING] = {"path-missing", "dvc.exceptions.PathMissingError"},
	[KIND_IS_DIRECTORY] = {"is-a-directory", "dvc.exceptions.IsADirectoryError"},
	[KIND_OUTPUT_NOT_FOUND] = {"output-not-found", "dvc.exceptions.OutputNotFoundError"},
	[KIND_NOT_FOUND] = {"not-found", "builtins.FileNotFoundError"},
	[KIND_NOT_REPO] = {"not-a-repository", "dvc.exceptions.NotDvcRepoError"},
	[KIND_NO_GIT] = {"no-git", "dvc.scm.NoSCMError"},
	[KIND_NO_COMMIT] = {"no-commit", "dvc.scm.SCMError"},
	[KIND_CLONE_FAILED] = {"clone-failed", "dvc.scm.CloneError"},
	[KIND_UNKNOWN_REVISION] = {"unknown-revision", "dvc.scm.RevError"},
	[KIND_NO_REMOTE] = {"no-remote", "dvc.config.NoRemoteError"},
	[KIND_REMOTE_NOT_FOUND] = {"remote-not-found", "dvc.config.RemoteNotFoundError"},
	[KIND_STAGE_NOT_FOUND] = {"stage-not-found", "dvc.stage.exceptions.StageNotFound"},
	[KIND_FILE_NOT_FOUND] = {"file-not-found",
		"dvc.stage.exceptions.StageFileDoesNotExistError"},
	[KIND_TARGET_NOT_FOUND] = {"target-not-found", "dvc.exceptions.NoOutputOrStageError"},
	[KIND_STAGE_FAILED] = {"stage-failed", "dvc.exceptions.ReproductionError"},
	[KIND_EXPERIMENT_EXISTS] = {"experiment-exists",
		"dvc.repo.experiments.exceptions.ExperimentExistsError"},
	[KIND_ARTIFACT_NOT_FOUND] = {"artifact-not-found", "dvc.exceptions.ArtifactNotFoundError"},
	[KIND_DATASET_NOT_FOUND] = {"dataset-not-found", "dvc.repo.datasets.DatasetNotFoundError"},
	[KIND_DATASET_NOT_IN_SYNC] = {"dataset-not-in-sync", "builtins.ValueError"},
	[KIND_DATASET_NO_LOCK] = {"dataset-no-lock", "builtins.ValueError"},
	[KIND_EXISTS] = {"exists", "dvc.exceptions.FileExistsLocallyError"},
	[KIND_INVALID_ARGUMENT] = {"invalid-argument", "dvc.exceptions.InvalidArgumentError"},
	[KIND_INVALID_VALUE] = {"invalid-value", "builtins.ValueError"},
	[KIND_PARSE] = {"parse", "dvc.utils.strictyaml.YAMLSyntaxError"},
	[KIND_CORRUPT_FILE] = {"corrupt-file", "dvc.utils.serialize.ParseError"},
	[KIND_CORRUPT_YAML] = {"corrupt-file", "dvc.utils.serialize.YAMLFileCorruptedError"},
	[KIND_CORRUPT_JSON] = {"corrupt-file", "dvc.utils.serialize.JSONFileCorruptedError"},
	[KIND_CORRUPT_TOML] = {"corrupt-file", "dvc.utils.serialize.TOMLFileCorruptedError"},
	[KIND_CORRUPT_PY] = {"corrupt-file", "dvc.utils.serialize.PythonFileCorruptedError"},
	[KIND_CORRUPT_TEXT] = {"corrupt-file", "dvc.utils.serialize.EncodingError"},
	[KIND_VALIDATION] = {"validation", "dvc.utils.strictyaml.YAMLValidationError"},
	[KIND_INTERPOLATION] = {"interpolation", "dvc.parsing.ResolveError"},
	[KIND_CONFIG] = {"config", "dvc.config.ConfigError"},
	[KIND_USAGE] = {"usage", "dvc.cli.DvcParserError"},
	[KIND_LOCKED] = {"locked", "dvc.lock.LockError"},
	[KIND_AUTH] = {"auth", "builtins.PermissionError"},
	[KIND_DENIED] = {"denied", "builtins.PermissionError"},
	[KIND_NETWORK] = {"network", "builtins.ConnectionError"},
	[KIND_CORRUPT] = {"corrupt", "dvc.exceptions.DvcException"},
	[KIND_DATA_MISSING] = {"data-missing", "dvc.exceptions.PathMissingError"},
	[KIND_IO] = {"io", "builtins.OSError"},
	[KIND_CANCELLED] = {"cancelled", "builtins.KeyboardInterrupt"},
	[KIND_UNSUPPORTED] = {"unsupported", "builtins.NotImplementedError"},
	[KIND_NO_MEMORY] = {"no-memory", "builtins.MemoryError"},
};

/* Of failures whose kind was not told. */
static const struct {
	int code;
	enum err_kind kind;
} of_codes[] = {
	{ERR_NOT_FOUND, KIND_NOT_FOUND},
	{ERR_EXISTS, KIND_EXISTS},
	{ERR_PARSE, KIND_PARSE},
	{ERR_CONFIG, KIND_CONFIG},
	{ERR_OPTIONS, KIND_CONFIG},
	{ERR_NOT_REPO, KIND_NOT_REPO},
	{ERR_USAGE, KIND_USAGE},
	{ERR_IO, KIND_IO},
	{ERR_AUTH, KIND_AUTH},
	{ERR_DENIED, KIND_DENIED},
	{ERR_CANCELLED, KIND_CANCELLED},
	{ERR_LOCKED, KIND_LOCKED},
	{ERR_UNSUPPORTED, KIND_UNSUPPORTED},
	{ERR_VALUE, KIND_INVALID_VALUE},
	{ERR_NO_PATH, KIND_PATH_MISSING},
	{ERR_NO_DATA, KIND_DATA_MISSING},
	{ERR_NO_GIT, KIND_NO_GIT},
	{ERR_NO_COMMIT, KIND_NO_COMMIT},
	{ERR_IGNORE, KIND_FAILURE},
	{ERR_BUSY, KIND_NETWORK},
	{ERR_BROKEN, KIND_NETWORK},
	{ERR_NO_PLACE, KIND_NETWORK},
	{ERR_CORRUPT, KIND_CORRUPT},
};

enum err_kind err_kind_of_code(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(of_codes); i++)
		if (of_codes[i].code == code)
			return of_codes[i].kind;
	return code ? KIND_FAILURE : KIND_NONE;
}

enum err_kind err_kind_of_class(const char *name)
{
	for (int i = KIND_FAILURE; name && i < KIND_COUNT; i++)
		if (strcmp(strrchr(names[i].class, '.') + 1, name) == 0)
			return (enum err_kind)i;
	return KIND_FAILURE;
}

const char *err_kind_word(enum err_kind kind)
{
	return names[kind].word;
}

const char *err_kind_class(enum err_kind kind)
{
	return names[kind].class;
}
