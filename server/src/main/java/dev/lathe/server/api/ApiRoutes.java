package dev.lathe.server.api;

import dev.lathe.registry.Promotion;
import dev.lathe.serve.TrialReport;
import dev.lathe.server.DeploymentEvent;
import dev.lathe.server.DeploymentInfo;
import dev.lathe.server.DeploymentWish;
import dev.lathe.server.ExplainRequest;
import dev.lathe.server.Explained;
import dev.lathe.server.ImportWish;
import dev.lathe.server.JobInfo;
import dev.lathe.server.KeyInfo;
import dev.lathe.server.KeyWish;
import dev.lathe.server.LocalLathe;
import dev.lathe.server.ModelInfo;
import dev.lathe.server.NewKey;
import dev.lathe.server.Prediction;
import dev.lathe.server.Right;
import dev.lathe.server.VersionDetails;
import dev.lathe.server.VersionSummary;
import dev.lathe.server.api.Route.Gives;
import dev.lathe.server.api.Route.Takes;
import dev.lathe.server.release.Packed;
import io.helidon.http.Method;
import java.util.List;
import java.util.stream.Stream;

/** The table of the API: one line for each operation. */
final class ApiRoutes {
  private static final String ROOT = "/api/v1";
  private static final String MODEL = ROOT + "/models/{namespace}/{name}";
  private static final String ENVIRONMENT = MODEL + "/deployments/{environment}";
  private static final String KEY = ROOT + "/keys/{key}";
  private static final String JOB = ROOT + "/jobs/{id}";
  private static final List<String> RECIPES =
      List.of("application/yaml", "application/x-yaml", "text/yaml", "application/json");

  private ApiRoutes() {}

  static List<Route> of(LocalLathe lathe) {
    ModelHandlers models = new ModelHandlers(lathe);
    RolloutHandlers rollouts = new RolloutHandlers(lathe);
    JobHandlers jobs = new JobHandlers(lathe, RECIPES);
    KeyHandlers keys = new KeyHandlers(lathe.keys());
    JobEventStream events = new JobEventStream(lathe.work());
    return Stream.of(
            models(models),
            imports(models),
            deployments(rollouts),
            asking(models),
            TextRoutes.of(lathe.texts(), MODEL),
            jobs(jobs),
            running(jobs, events),
            keys(keys))
        .flatMap(List::stream)
        .toList();
  }

  /** Models and their versions. */
  private static List<Route> models(ModelHandlers models) {
    return List.of(
        new Route(
            Right.READ,
            Method.GET,
            ROOT + "/models",
            "list_models",
            "All models, by name.",
            Takes.NOTHING,
            Gives.list(ModelInfo.class),
            models::list),
        new Route(
            Right.READ,
            Method.GET,
            MODEL,
            "get_model",
            "One model.",
            Takes.NOTHING,
            Gives.one(ModelInfo.class),
            models::get),
        new Route(
            Right.READ,
            Method.GET,
            MODEL + "/versions",
            "list_versions",
            "The versions of a model, the newest first.",
            Takes.NOTHING,
            Gives.list(VersionSummary.class),
            models::log),
        new Route(
            Right.PUSH,
            Method.POST,
            MODEL + "/versions",
            "release",
            "Makes a folder the next version; its files come as one ZIP file, the reason as the"
                + " query parameter message.",
            new Takes(List.of(Packed.MEDIA_TYPE), String.class),
            Gives.one(VersionDetails.class),
            models::release),
        new Route(
            Right.READ,
            Method.GET,
            MODEL + "/versions/{version}",
            "get_version",
            "One version with its lineage, signature, metrics and files.",
            Takes.NOTHING,
            Gives.one(VersionDetails.class),
            models::show),
        new Route(
            Right.READ,
            Method.GET,
            MODEL + "/versions/{version}/files/{+path}",
            "get_file",
            "A file of a version.",
            Takes.NOTHING,
            Gives.media("application/octet-stream"),
            models::file));
  }

  /** Models of others. */
  private static List<Route> imports(ModelHandlers models) {
    return List.of(
        new Route(
            Right.PUSH,
            Method.POST,
            MODEL + "/imports",
            "import_folder",
            "Makes a folder as Hugging Face's libraries save it the next version; its files come as"
                + " one ZIP file, the reason as the query parameter message; of an adapter, the"
                + " model that it was made for as the query parameter base.",
            new Takes(List.of(Packed.MEDIA_TYPE), String.class),
            Gives.one(VersionDetails.class),
            models::importFolder),
        new Route(
            Right.PUSH,
            Method.POST,
            MODEL + "/imports/hub",
            "import_from_hub",
            "Fetches a model from the hub that the server is set to, and makes it the next"
                + " version.",
            Takes.json(ImportWish.class),
            Gives.one(VersionDetails.class),
            models::importFromHub));
  }

  /** What is live, and what is on trial. */
  private static List<Route> deployments(RolloutHandlers rollouts) {
    return List.of(
        new Route(
            Right.READ,
            Method.GET,
            MODEL + "/deployments",
            "list_deployments",
            "What is live in each environment.",
            Takes.NOTHING,
            Gives.list(DeploymentInfo.class),
            rollouts::list),
        new Route(
            Right.DEPLOY,
            Method.POST,
            MODEL + "/deployments",
            "deploy",
            "Makes a version live in an environment, or puts it on trial beside what is live.",
            Takes.json(DeploymentWish.class),
            Gives.one(DeploymentInfo.class),
            rollouts::deploy),
        new Route(
            Right.DEPLOY,
            Method.POST,
            ENVIRONMENT + "/promote",
            "promote",
            "Makes live what is on trial: what is meant and nothing else; by default the canary.",
            Takes.json(Promotion.class),
            Gives.one(DeploymentInfo.class),
            rollouts::promote),
        new Route(
            Right.DEPLOY,
            Method.POST,
            ENVIRONMENT + "/rollback",
            "rollback",
            "Ends what is on trial; where nothing is, makes live again what was live before.",
            Takes.NOTHING,
            Gives.one(DeploymentInfo.class),
            rollouts::rollback),
        new Route(
            Right.READ,
            Method.GET,
            ENVIRONMENT + "/history",
            "get_history",
            "What an environment said when, and why, the newest first.",
            Takes.NOTHING,
            Gives.list(DeploymentEvent.class),
            rollouts::history),
        new Route(
            Right.READ,
            Method.GET,
            ENVIRONMENT + "/trial",
            "get_trial",
            "What this server has seen of the versions on trial: requests, latencies, and how their"
                + " answers differ from the live version's.",
            Takes.NOTHING,
            Gives.one(TrialReport.class),
            rollouts::trial));
  }

  /** Asking what is live. */
  private static List<Route> asking(ModelHandlers models) {
    return List.of(
        new Route(
            Right.INFER,
            Method.POST,
            MODEL + "/predict",
            "predict",
            "Runs a model.",
            Takes.json(PredictRequest.class),
            Gives.one(Prediction.class),
            models::predict),
        new Route(
            Right.INFER,
            Method.POST,
            MODEL + "/explain",
            "explain",
            "Says what each number of an example added to the answer, by integrated gradients or"
                + " occlusion.",
            Takes.json(ExplainRequest.class),
            Gives.one(Explained.class),
            models::explain));
  }

  /** Jobs and what they are made from. */
  private static List<Route> jobs(JobHandlers jobs) {
    return List.of(
        new Route(
            Right.TRAIN,
            Method.GET,
            ROOT + "/jobs",
            "list_jobs",
            "The newest jobs, the newest first, at most 1000.",
            Takes.NOTHING,
            Gives.list(JobInfo.class),
            jobs::list),
        new Route(
            Right.TRAIN,
            Method.POST,
            ROOT + "/jobs",
            "create_job",
            "Accepts a recipe as a job. Files that the recipe names must lie below the server's"
                + " DATA/data.",
            new Takes(RECIPES, String.class),
            Gives.accepted(JobInfo.class),
            jobs::create),
        new Route(
            Right.TRAIN,
            Method.GET,
            JOB,
            "get_job",
            "One job.",
            Takes.NOTHING,
            Gives.one(JobInfo.class),
            jobs::get),
        new Route(
            Right.KNOWN,
            Method.GET,
            ROOT + "/recipe.schema.json",
            "get_recipe_schema",
            "The JSON Schema of recipes.",
            Takes.NOTHING,
            Gives.media("application/schema+json"),
            jobs::schema));
  }

  /** Who may ask. */
  private static List<Route> keys(KeyHandlers keys) {
    return List.of(
        new Route(
            Right.ADMIN,
            Method.GET,
            ROOT + "/keys",
            "list_keys",
            "The keys that have not ended, by name.",
            Takes.NOTHING,
            Gives.list(KeyInfo.class),
            keys::list),
        new Route(
            Right.ADMIN,
            Method.POST,
            ROOT + "/keys",
            "create_key",
            "Makes a key; only this answer shows it.",
            Takes.json(KeyWish.class),
            Gives.one(NewKey.class),
            keys::create),
        new Route(
            Right.ADMIN,
            Method.POST,
            KEY + "/revoke",
            "revoke_key",
            "Ends a key, or all keys of a name, at once.",
            Takes.NOTHING,
            Gives.list(KeyInfo.class),
            keys::revoke),
        new Route(
            Right.ADMIN,
            Method.POST,
            KEY + "/rotate",
            "rotate_key",
            "Makes a key like an old one, which ends after a time.",
            Takes.json(KeyHandlers.Rotation.class),
            Gives.one(NewKey.class),
            keys::rotate));
  }

  /** Jobs on their way. */
  private static List<Route> running(JobHandlers jobs, JobEventStream events) {
    return List.of(
        new Route(
            Right.TRAIN,
            Method.POST,
            JOB + "/cancel",
            "cancel_job",
            "Asks a job to stop; it writes a checkpoint first.",
            Takes.NOTHING,
            Gives.one(JobInfo.class),
            jobs::cancel),
        new Route(
            Right.TRAIN,
            Method.POST,
            JOB + "/resume",
            "resume_job",
            "Goes on with a job that was interrupted, cancelled or failed.",
            Takes.NOTHING,
            Gives.accepted(JobInfo.class),
            jobs::resume),
        new Route(
            Right.TRAIN,
            Method.GET,
            JOB + "/events",
            "follow_job",
            "What happens to a job, as server-sent events: state, progress, log, done.",
            Takes.NOTHING,
            Gives.media("text/event-stream"),
            events::follow));
  }
}
