#ifndef LAST_WORDS_H
#define LAST_WORDS_H

// Makes the program say one sentence where it ends by a fault.
void prepare_last_words(void);

#endif
