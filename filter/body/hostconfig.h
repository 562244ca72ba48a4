/* SPDX-License-Identifier: ISC */

/*
 * The checks that the table of HostConfig names.
 */

#ifndef HOSTCONFIG_H
#define HOSTCONFIG_H

#include "schema.h"

/* namespace.c */
check_fn check_pidmode;
check_fn check_ipcmode;
check_fn check_utsmode;
check_fn check_usernsmode;
check_fn check_cgroupns;

/* logconfig.c */
check_fn check_log_type;
check_fn check_log_config;
check_fn check_log_driver;

/* option.c */
check_fn check_cap_add;
check_fn check_cap_drop;
check_fn check_security;
check_fn check_sysctl;
check_fn check_storage;
check_fn check_runtime;
check_fn check_isolation;
check_fn check_restart;
check_fn check_hc_volume_driver;
check_fn check_extra_host;
check_fn check_oom_score;

#endif /* HOSTCONFIG_H */
