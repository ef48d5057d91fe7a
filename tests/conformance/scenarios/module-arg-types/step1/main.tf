module "m" {
  source = "./m"
  a      = "5"
  b      = ["x", "x"]
  c      = { k = 1 }
  d      = null
  e      = null
  f      = [1, "2"]
}
output "o" {
  value = module.m.o
}
