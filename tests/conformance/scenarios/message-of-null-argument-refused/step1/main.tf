module "m" {
  source = "./mod"
  e = null
}
