# A training that logs with cairn_live.R: Rscript train.R
source(Sys.getenv("CAIRN_LIVE_R", "cairn_live.R"))

lr <- 0.1
loss <- 1
live <- cairn_live("dvclive")
live$params(lr = lr, optimizer = "sgd")
for (epoch in 1:5) {
  loss <- loss * (1 - lr)
  live$metrics(`train/loss` = loss, accuracy = 1 - loss / 2)
}
live$close()
