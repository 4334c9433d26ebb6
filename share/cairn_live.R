# Log parameters and metrics of a training from R, with base R alone:
#
#     source("cairn_live.R")
#     live <- cairn_live()
#     live$params(lr = 0.1, optimizer = "sgd")
#     for (epoch in 1:10) live$metrics(`train/loss` = 1 / epoch)
#     live$close()
#
# It keeps a pipe to `cairn live` open (or to $CAIRN live), which writes the files of DVCLive; `cairn exp show`, plots and editors show
# them while the training runs. Each call of metrics() is one step.
#
#   dir       directory of the files
#   ...       further options of `cairn live`, as text: "--resume", "--no-save"
cairn_live <- function(dir = "dvclive", ...) {
  program <- Sys.getenv("CAIRN", "cairn")
  connection <- pipe(paste(c(shQuote(program), "live --dir", shQuote(dir), shQuote(c(...))), collapse = " "), "w")

  text <- function(x) {
    x <- enc2utf8(x)
    x <- gsub("\\", "\\\\", x, fixed = TRUE)
    x <- gsub("\"", "\\\"", x, fixed = TRUE)
    for (code in c(1:31, 127)) {
      x <- gsub(intToUtf8(code), sprintf("\\u%04x", code), x, fixed = TRUE)
    }
    paste0("\"", x, "\"")
  }
  one <- function(x) {
    if (is.factor(x)) x <- as.character(x)
    if (is.null(x) || (length(x) == 1 && is.na(x) && !is.nan(x))) "null"
    else if (is.logical(x)) ifelse(x, "true", "false")
    else if (is.integer(x)) format(x, scientific = FALSE)
    else if (is.numeric(x) && is.nan(x)) "NaN"
    else if (is.numeric(x) && is.infinite(x)) ifelse(x > 0, "Infinity", "-Infinity")
    else if (is.numeric(x)) formatC(x, digits = 17, format = "g", decimal.mark = ".")
    else text(as.character(x))
  }
  json <- function(x) {
    if (is.null(x)) return("null")
    if (is.list(x) && !is.null(names(x))) return(object(x))
    if (is.list(x) || length(x) != 1) return(paste0("[", paste(vapply(x, json, ""), collapse = ", "), "]"))
    one(x)
  }
  object <- function(x) {
    if (length(x) == 0) return("{}")
    if (is.null(names(x)) || any(names(x) == "")) stop("cairn_live: every value needs a name")
    paste0("{", paste(paste0(vapply(names(x), text, ""), ": ", vapply(x, json, "")), collapse = ", "), "}")
  }
  failed <- FALSE
  # A log must never end a training: a failure is a warning, once.
  send <- function(kind, values) {
    if (failed) return(invisible(NULL))
    line <- paste0("{\"", kind, "\": ", object(values), "}")
    tryCatch({
      writeLines(line, connection, useBytes = TRUE)
      flush(connection)
    }, error = function(e) {
      failed <<- TRUE
      warning("cairn live has ended; nothing more is logged", call. = FALSE)
    })
    invisible(NULL)
  }

  list(
    params = function(...) send("params", list(...)),
    metrics = function(...) send("metrics", list(...)),
    summary = function(...) send("summary", list(...)),
    close = function() {
      status <- tryCatch(close(connection), error = function(e) 1)
      if (failed || (!is.null(status) && status != 0)) warning("not everything was logged", call. = FALSE)
      invisible(NULL)
    }
  )
}
