module "n" {
  source = "./n"
  count  = 2
}
