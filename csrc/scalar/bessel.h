// Bessel functions of real arguments; those of the first kind with an imaginary one (I) are in special.h.
#pragma once
#include "special.h"

namespace ember {

namespace series {
// On [0, 8], with t = x^2 / 32 - 1: J0(x), J1(x) / x, Y0(x) - 2 / pi log(x) J0(x), and the like of Y1(x), over x.
// fit j0_near_zero, 2^-53.8
EMBER_FN double j0_near_zero(double t) {
  return polynomial(t, 0.04582966485981377, 0.9303012472958572, -0.6484692830871833, -0.808088807669687, 1.038379461143714,
                    -0.507468045847102, 0.14598884856766417, -0.02847271861086957, 0.004058078988773187, -0.0004435459224727279,
                    3.847319891831717e-05, -2.7177491450124384e-06, 1.5955928849840376e-07, -7.915407750354492e-09,
                    3.3812726096925224e-10, -1.2384630310831126e-11, -5.501803912033051e-13, -1.1383863869687982e-14,
                    2.112127846292443e-13);
}
// fit j1_near_zero, 2^-55.6
EMBER_FN double j1_near_zero(double t) {
  return polynomial(t, -0.05814382795599107, 0.08105866038589796, 0.1515166514380668, -0.2595948652859304, 0.1585837643272069,
                    -0.05474581821284552, 0.012456814392380186, -0.002029039494581943, 0.0002494945807670079,
                    -2.40457486197916e-05, 1.8684542900016386e-06, -1.1967089778556671e-07, 6.428376098590767e-09,
                    -2.942125180323397e-10, 1.4392918274316466e-11, -4.5317946462817717e-13, -1.4310812143003345e-12,
                    1.2828262161769574e-14, 3.119090832194181e-13);
}
// fit y0_near_zero, 2^-52.8
EMBER_FN double y0_near_zero(double t) {
  return polynomial(t, -0.382250654459425, -0.8284358903604587, 1.6470964788745466, 0.14412632369302442, -1.0775477338215995,
                    0.6721770783431723, -0.2189574709617165, 0.046367047681347105, -0.0070257410572698254,
                    0.0008061586060550243, -7.279541882784653e-05, 5.321318633837194e-06, -3.2185077885022716e-07,
                    1.639106511121592e-08, -7.130516940300806e-10, 2.681836496207647e-11, -8.810525465163215e-13,
                    2.550860256752383e-14, -6.574806873220123e-16, 1.5114061676620405e-17);
}
// fit y1_near_zero, 2^-55.8
EMBER_FN double y1_near_zero(double t) {
  return polynomial(t, 0.07075985882118005, -0.24337743079193114, 0.023367571720993584, 0.23507209206669755,
                    -0.19639839859930425, 0.07854786922242545, -0.01962875683309943, 0.003422490739918046,
                    -0.00044381734351146775, 4.46743301291431e-05, -3.6009998744473813e-06, 2.3804929913922362e-07,
                    -1.3153322399136202e-08, 6.169742573012518e-10, -2.488766022418914e-11, 8.728846999243174e-13,
                    -2.68712184840514e-14, 7.320628771014043e-16, -1.781579996323022e-17, 3.8804638628108473e-19);
}

// From 8 on, J and Y are sqrt(2 / (pi x)) times P cos - Q sin and P sin + Q cos of x - pi / 4 - order pi / 2 (Hankel).
// Here are P and x Q / 8, with t = 2 (8 / x)^2 - 1.
// fit hankel_p0, 2^-56.2
EMBER_FN double hankel_p0(double t) {
  return polynomial(t, 0.9994572757882519, -0.0005363673192130033, 6.1374160816854446e-06, -2.0527448161385212e-07,
                    1.2803728608420923e-08, -1.2121176751875268e-09, 1.5526664343683098e-10, -2.4885155600746785e-11,
                    3.767019674929258e-12, -1.0578852434363866e-12, 2.4118477192822557e-12, -7.150600969459206e-14,
                    -2.5177035987100015e-12, -7.07862842647835e-15, 1.5650181496672267e-12, -1.2134469190147948e-15,
                    -3.9020509927540666e-13);
}
// fit hankel_q0, 2^-60.8
EMBER_FN double hankel_q0(double t) {
  return polynomial(t, -0.015555113879513518, 6.833149099343878e-05, -1.4771388327096832e-06, 7.106214859838845e-08,
                    -5.6687147963733675e-09, 6.432781247751117e-10, -9.471413127350448e-11, 1.703330164418336e-11,
                    -3.5491226734951776e-12, 8.59372099671346e-13, -3.1798951564961566e-13, 7.012537411710193e-14,
                    8.258878389436559e-14, 4.361378866418898e-15, -6.599926045616583e-14, 2.230659009954989e-15,
                    1.5231809612705366e-14);
}
// fit hankel_p1, 2^-55.4
EMBER_FN double hankel_p1(double t) {
  return polynomial(t, 1.0009070262780821, 0.0008988049416705556, -7.959694695855767e-06, 2.4536766231705584e-07,
                    -1.4708567518880749e-08, 1.3603048022847368e-09, -1.708726252418938e-10, 2.7208971596573236e-11,
                    -6.918535760810211e-12, 1.1339242068018273e-12, 3.4328247652575615e-12, 8.515464049617866e-14,
                    -4.414916795142979e-12, 1.2106685063708494e-15, 2.7010623917376757e-12, 3.0804864434591337e-15,
                    -6.765857338986086e-13);
}
// fit hankel_q1, 2^-59.8
EMBER_FN double hankel_q1(double t) {
  return polynomial(t, 0.04677687402744898, -9.62145882205442e-05, 1.8212018513556292e-06, -8.291960709265494e-08,
                    6.420129888472036e-09, -7.151105036335714e-10, 1.0397182777635577e-10, -1.8524812597834458e-11,
                    3.793507258286748e-12, -9.231905415716582e-13, 4.2516036513115276e-13, -7.444586389497926e-14,
                    -1.8910851203382914e-13, -4.79869484199738e-15, 1.3248732478392385e-13, -2.3024800351268464e-15,
                    -3.1786685671302695e-14);
}

// K0(x) + log(x / 2) I0(x) and x (K1(x) - log(x / 2) I1(x)) for x up to 2, z = x^2 / 4;
// exp(x) sqrt(x) K(x) from 2 on, t = 4 / x - 1.
// fit k0_near_zero, 2^-57.3
EMBER_FN double k0_near_zero(double z) {
  return polynomial(z, -0.5772156649015329, 0.42278433509846836, 0.23069608377456796, 0.03489215745720172,
                    0.0026147876126973637, 0.00011848042216030222, 3.6125411058180717e-06, 7.95060601628961e-08,
                    1.1305930609247014e-09, 1.5582894784015932e-10, -5.824221705661628e-11, 1.0624830238140246e-11);
}
// fit k1_near_zero, 2^-59.5
EMBER_FN double k1_near_zero(double z) {
  return polynomial(z, 1.0, 0.15443132980306573, -0.6727843350984676, -0.18157516696084888, -0.019182189839381896,
                    -0.001115359491742551, -4.142247749600533e-05, -1.071544877827876e-06, -2.0453996532740907e-08,
                    -2.994357605479147e-10, -3.787651314476982e-12, 1.3810827805318282e-14);
}
// fit k0_tail, 2^-56.0
EMBER_FN double k0_tail(double t) {
  return polynomial(t, 1.2185953385133905, -0.03107146182488956, 0.00303289181027401, -0.0004797690567617419,
                    9.956054748098913e-05, -2.4735204699700224e-05, 7.00224455281103e-06, -2.191175813851205e-06,
                    7.427901908297598e-07, -2.689224133275045e-07, 1.0290039515603492e-07, -4.126117197453792e-08,
                    1.7226454268148764e-08, -7.538494863035484e-09, 3.432840321024675e-09, -1.3836607967028457e-09,
                    5.333569927138366e-10, -6.257162810188552e-10, 4.760820835431324e-10, 2.3612807812081664e-10,
                    -2.769216744236565e-10, -2.7519169548058657e-10, 2.3958968609881446e-10, 1.114104932240922e-10,
                    -9.355092104312904e-11, -2.8873572129065663e-11, 2.1216366819460605e-11);
}
// fit k1_tail, 2^-55.2
EMBER_FN double k1_tail(double t) {
  return polynomial(t, 1.363151890371342, 0.1033497377538653, -0.005566729880080987, 0.0007357241549005015,
                    -0.00013959021918987478, 3.284386579925092e-05, -8.961215869784516e-06, 2.7300379136541194e-06,
                    -9.066090110928991e-07, 3.230099673095311e-07, -1.2272720092908653e-07, 4.831659736110979e-08,
                    -1.671679779044111e-08, 8.88884142079232e-09, -1.3571431705072849e-08, 1.1132850255992136e-09,
                    1.8714786616701022e-08, 1.4141587836861608e-09, -2.7092471328697193e-08, -9.92741474612736e-10,
                    2.495013711233948e-08, 7.833807249182621e-10, -1.5009978663129183e-08, -3.0396838857812564e-10,
                    5.239879089964639e-09, 6.181263932583467e-11, -8.148003562489235e-10);
}

// J0(x) and J1(x) / x on [0, 8]: to an ulp up to 2, by the sums of (-x^2 / 4)^k / (k! (k + order)!).
EMBER_FN double j0_to_eight(double x) {
  double z = -0.25 * x * x;
  return z >= -1.0 ? polynomial(z, 1.0, 1.0, 0.25, 0.027777777777777776, 0.001736111111111111, 6.944444444444444e-05,
                                1.9290123456790124e-06, 3.936759889140842e-08, 6.151187326782565e-10, 7.594058428126624e-12,
                                7.594058428126623e-14, 6.276081345559193e-16, 4.358389823304995e-18)
                   : j0_near_zero(-0.125 * z - 1.0);
}
EMBER_FN double j1_to_eight(double x) {
  double z = -0.25 * x * x;
  return z >= -1.0 ? polynomial(z, 0.5, 0.25, 0.041666666666666664, 0.003472222222222222, 0.00017361111111111112,
                                5.787037037037037e-06, 1.3778659611992944e-07, 2.460474930713026e-09, 3.417326292656981e-11,
                                3.7970292140633116e-13, 3.451844740057556e-15, 2.615033893982997e-17, 1.676303778194229e-19)
                   : j1_near_zero(-0.125 * z - 1.0);
}

struct Wave {
  double cosine, sine;  // of the phase, times sqrt(2 / (pi x))
};
// The phase is x - pi / 4; that of order 1 lags another quarter turn.
EMBER_FN Wave bessel_wave(double x) {
  double scale = 0x1.20dd750429b6dp-1 / sqrt(x), c = cos(x), s = sin(x);  // 1 / sqrt(pi)
  return {scale * (c + s), scale * (s - c)};
}
struct Hankel {
  double p, q;
};
EMBER_FN Hankel hankel(int order, double x) {
  double inverse = 8.0 / x, t = 2.0 * inverse * inverse - 1.0;
  t = t > 1.0 ? 1.0 : t;  // below x = 8, where it is not read
  double p = order == 0 ? hankel_p0(t) : hankel_p1(t), q = order == 0 ? hankel_q0(t) : hankel_q1(t);
  return {p, q * inverse};
}
}  // namespace series

// The errors are below 1e-15 in absolute terms: near a zero, digits are lost.
EMBER_FN double bessel_j0(double x) {
  double size = abs(x);
  if (size <= 8.0) return series::j0_to_eight(size);
  if (size == infinity<double>()) return 0.0;
  series::Wave wave = series::bessel_wave(size);
  series::Hankel part = series::hankel(0, size);
  return part.p * wave.cosine - part.q * wave.sine;
}
EMBER_FN double bessel_j1(double x) {
  double size = abs(x);
  if (size <= 8.0) return x * series::j1_to_eight(size);
  if (size == infinity<double>()) return 0.0;
  series::Wave wave = series::bessel_wave(size);
  series::Hankel part = series::hankel(1, size);
  return copysign(1.0, x) * (part.p * wave.sine + part.q * wave.cosine);
}
EMBER_FN double bessel_y0(double x) {
  if (!(x > 0.0)) return x == 0.0 ? -infinity<double>() : nan<double>();
  if (x <= 8.0) {
    double t = x * x * 0.03125 - 1.0;
    return series::y0_near_zero(t) + 0x1.45f306dc9c883p-1 * log(x) * series::j0_to_eight(x);  // 2 / pi
  }
  if (x == infinity<double>()) return 0.0;
  series::Wave wave = series::bessel_wave(x);
  series::Hankel part = series::hankel(0, x);
  return part.p * wave.sine + part.q * wave.cosine;
}
EMBER_FN double bessel_y1(double x) {
  if (!(x > 0.0)) return x == 0.0 ? -infinity<double>() : nan<double>();
  if (x <= 8.0) {
    double t = x * x * 0.03125 - 1.0;
    return x * series::y1_near_zero(t) + 0x1.45f306dc9c883p-1 * (log(x) * x * series::j1_to_eight(x) - 1.0 / x);
  }
  if (x == infinity<double>()) return 0.0;
  series::Wave wave = series::bessel_wave(x);
  series::Hankel part = series::hankel(1, x);
  return part.q * wave.sine - part.p * wave.cosine;
}

// exp(x) K0(x), exp(x) K1(x), and these without the factor
EMBER_FN double scaled_bessel_k0(double x) {
  if (!(x > 0.0)) return x == 0.0 ? infinity<double>() : nan<double>();
  if (x <= 2.0) return exp(x) * (series::k0_near_zero(0.25 * x * x) - log(0.5 * x) * series::i0_small(x));
  return series::k0_tail(4.0 / x - 1.0) / sqrt(x);
}
EMBER_FN double scaled_bessel_k1(double x) {
  if (!(x > 0.0)) return x == 0.0 ? infinity<double>() : nan<double>();
  if (x <= 2.0) return exp(x) * (series::k1_near_zero(0.25 * x * x) / x + log(0.5 * x) * series::i1_small(x));
  return series::k1_tail(4.0 / x - 1.0) / sqrt(x);
}
EMBER_FN double bessel_k0(double x) {
  if (x > 0.0 && x <= 2.0) return series::k0_near_zero(0.25 * x * x) - log(0.5 * x) * series::i0_small(x);
  return x == infinity<double>() ? 0.0 : scaled_bessel_k0(x) * exp(-x);
}
EMBER_FN double bessel_k1(double x) {
  if (x > 0.0 && x <= 2.0) return series::k1_near_zero(0.25 * x * x) / x + log(0.5 * x) * series::i1_small(x);
  return x == infinity<double>() ? 0.0 : scaled_bessel_k1(x) * exp(-x);
}
EMBER_FN float bessel_j0(float x) { return float(bessel_j0(double(x))); }
EMBER_FN float bessel_j1(float x) { return float(bessel_j1(double(x))); }
EMBER_FN float bessel_y0(float x) { return float(bessel_y0(double(x))); }
EMBER_FN float bessel_y1(float x) { return float(bessel_y1(double(x))); }
EMBER_FN float bessel_k0(float x) { return float(bessel_k0(double(x))); }
EMBER_FN float bessel_k1(float x) { return float(bessel_k1(double(x))); }
EMBER_FN float scaled_bessel_k0(float x) { return float(scaled_bessel_k0(double(x))); }
EMBER_FN float scaled_bessel_k1(float x) { return float(scaled_bessel_k1(double(x))); }

}  // namespace ember
