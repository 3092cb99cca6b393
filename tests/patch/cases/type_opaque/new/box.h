struct box;

struct box *box_new(int weight);
int box_weight(struct box *box);
