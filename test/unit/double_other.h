#ifndef DOUBLE_OTHER_H
#define DOUBLE_OTHER_H

#include "base/clock.h"
#include "double_fixture.h"

/* Another run, as it shows on the Lease. */
#define OTHER "bob@laptop/7/abcdef"

void renew_by_other(void);
void take_by_other(void);

#endif
