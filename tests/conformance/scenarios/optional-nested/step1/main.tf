module "m" {
  source = "./m"
  cfg = {
    name = "n"
    sub  = [{ a = 1 }, { a = "2", b = null }, { a = 3, b = true, extra = 1 }]
    map  = { k = { p = "x" } }
  }
}
output "o" {
  value = module.m.o
}
