/* A training that logs with cairn_live.h: cc -I include -o train train.c -lm && ./train */
#include "cairn_live.h"

int main(void)
{
	const double lr = 0.1;
	double loss = 1;
	cairn_live *live = cairn_live_open("dvclive", NULL);

	cairn_live_param(live, "lr", lr);
	cairn_live_param_text(live, "optimizer", "sgd");
	for (int epoch = 0; epoch < 5; epoch++) {
		loss *= 1 - lr;
		cairn_live_metric(live, "train/loss", loss);
		cairn_live_metric(live, "accuracy", 1 - loss / 2);
		cairn_live_next_step(live);
	}
	return cairn_live_close(live) < 0;
}
